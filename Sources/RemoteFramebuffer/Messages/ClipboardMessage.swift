/// A message of the extended clipboard (spec/04 §1.8), either way.
package enum ClipboardMessage: Hashable, Sendable {
  /// What the sender can do: a set of formats and actions, and for each format, in ascending order, the bytes it takes
  /// unasked.
  case capabilities(flags: UInt32, sizes: [UInt32])
  case request(formats: UInt32)
  case peek(formats: UInt32)
  case notify(formats: UInt32)
  /// Contents in ascending order of their formats.
  case provide([Content])

  package struct Content: Hashable, Sendable {
    /// 0 text, 1 RTF, 2 HTML, 3 DIB, 4 files.
    package var format: Int
    package var data: [UInt8]

    package init(format: Int, data: [UInt8]) {
      self.format = format
      self.data = data
    }

    /// Text as it travels: CR LF at line ends and a final NUL.
    package init(text: String) {
      var data: [UInt8] = []
      var last: UInt8 = 0
      for byte in text.utf8 {
        if byte == 10 && last != 13 { data.append(13) }
        data.append(byte)
        last = byte
      }
      self.init(format: 0, data: data + [0])
    }

    /// The text with LF at line ends and without the final NUL; nil for another format.
    package var text: String? {
      guard format == 0 else { return nil }
      var plain: [UInt8] = []
      for (index, byte) in data.enumerated() {
        if byte == 0 { break }
        if byte == 13, index + 1 < data.count, data[index + 1] == 10 { continue }
        plain.append(byte)
      }
      return String(decoding: plain, as: UTF8.self)
    }
  }

  /// The bit of UTF-8 text.
  package static let text: UInt32 = 1
  /// Text and all five actions, what Xvnc and viewers announce.
  package static let allActionsOnText: UInt32 = 0x1f00_0001
}
