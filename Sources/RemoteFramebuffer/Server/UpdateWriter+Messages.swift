/// Messages that need no request and stand between updates.
extension UpdateWriter {
  /// Colours `0x00RRGGBB` of the entries from `first` on.
  package func colourMap(first: Int, _ colours: [UInt32]) {
    sink.uint8(Kind.colourMap)
    sink.uint8(0)
    sink.uint16(first)
    sink.uint16(colours.count)
    for colour in colours {
      for shift: UInt32 in [16, 8, 0] { sink.uint16(Int(colour >> shift & 0xff) * 257) }
    }
  }

  package func bell() { sink.uint8(Kind.bell) }

  /// Latin-1 with LF line ends.
  package func cutText(_ text: [UInt8]) {
    sink.uint8(Kind.cutText)
    sink.zeros(3)
    sink.uint32(UInt32(text.count))
    sink.append(text)
  }

  /// Only to a client that listed the extended clipboard.
  package func clipboard(_ message: ClipboardMessage) {
    sink.uint8(Kind.cutText)
    sink.zeros(3)
    message.writeWithLength(to: sink)
  }

  package func endOfContinuousUpdates() { sink.uint8(Kind.endOfContinuousUpdates) }

  /// At most ``RFBLimits/fencePayload`` bytes of payload are sent.
  package func fence(flags: UInt32, payload: [UInt8]) { Fence(flags: flags, payload: payload).write(to: sink) }

  /// 0 failed, 1 offered.
  package func xvp(code: UInt8) {
    sink.uint8(Kind.xvp)
    sink.uint8(0)
    sink.uint8(1)
    sink.uint8(code)
  }
}
