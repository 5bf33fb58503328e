/// The text of one side's clipboard, as either side sends it (spec/04 §1.5): a length of four bytes, negative for a message
/// of the extended clipboard, and the bytes.
enum CutText {
  case plain([UInt8])
  case extended(ClipboardMessage)
  /// A message of the extended clipboard that says nothing this side knows.
  case meaningless

  private static let headSize = 8

  /// Reads one, its kind included; longer than `limit` bytes it is dropped.
  ///
  /// - Throws: ``RFBError`` for an extended message that was not agreed on or cannot be read.
  static func read(
    from input: inout InputBuffer, kind: UInt8, limit: Int, isExtendedListed: Bool
  ) throws(RFBError) -> Reading<CutText> {
    guard input.count >= headSize else { return .incomplete }
    let signed = Int(input.int32(at: 4))
    let isExtended = signed < 0
    let length = abs(signed)
    if isExtended && !isExtendedListed { throw .notNegotiated(kind) }
    if isExtended && length < 4 { throw .badClipboard("shorter than its flags") }
    guard length <= limit else {
      input.skip(headSize + length)
      return .dropped
    }
    guard input.count >= headSize + length else { return .incomplete }
    let bytes = input.copy(length, at: headSize)
    input.consume(headSize + length)
    guard isExtended else { return .whole(.plain(bytes)) }
    return .whole(try ClipboardMessage.parse(bytes, limit: limit).map { .extended($0) } ?? .meaningless)
  }
}
