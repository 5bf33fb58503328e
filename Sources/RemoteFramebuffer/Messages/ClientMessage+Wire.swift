extension ClientMessage {
  /// Type bytes of the client's messages.
  enum Kind {
    static let setPixelFormat: UInt8 = 0
    static let setEncodings: UInt8 = 2
    static let updateRequest: UInt8 = 3
    static let key: UInt8 = 4
    static let pointer: UInt8 = 5
    static let cutText: UInt8 = 6
    static let enableContinuousUpdates: UInt8 = 150
    static let fence: UInt8 = 248
    static let xvp: UInt8 = 250
    static let setDesktopSize: UInt8 = 251
    static let qemu: UInt8 = 255
  }

  /// The bytes of the message.
  /// - Parameter hasExtendedMouse: the server announced more than seven buttons.
  package func encoded(hasExtendedMouse: Bool = false) -> [UInt8] {
    let sink = ByteSink(capacity: 64)
    write(to: sink, hasExtendedMouse: hasExtendedMouse)
    return sink.take()
  }

  func write(to sink: ByteSink, hasExtendedMouse: Bool) {
    switch self {
    case .setPixelFormat(let format):
      sink.uint8(Kind.setPixelFormat)
      sink.zeros(3)
      format.write(to: sink)
    case .setEncodings(let encodings):
      let encodings = encodings.prefix(0xffff)
      sink.uint8(Kind.setEncodings)
      sink.uint8(0)
      sink.uint16(encodings.count)
      for encoding in encodings { sink.int32(encoding.rawValue) }
    case .updateRequest(let isIncremental, let rectangle):
      sink.uint8(Kind.updateRequest)
      sink.uint8(isIncremental ? 1 : 0)
      sink.rectangle(rectangle)
    case .key(let isDown, let keysym, nil):
      sink.uint8(Kind.key)
      sink.uint8(isDown ? 1 : 0)
      sink.zeros(2)
      sink.uint32(keysym)
    case .key(let isDown, let keysym, let keycode?):
      sink.uint8(Kind.qemu)
      sink.uint8(0)
      sink.uint16(isDown ? 1 : 0)
      sink.uint32(keysym)
      sink.uint32(keycode)
    case .pointer(let buttons, let x, let y):
      let isExtended = hasExtendedMouse && buttons > 0x7f
      sink.uint8(Kind.pointer)
      sink.uint8(UInt8(truncatingIfNeeded: buttons & 0x7f) | (isExtended ? 0x80 : 0))
      sink.uint16(x)
      sink.uint16(y)
      if isExtended { sink.uint8(UInt8(truncatingIfNeeded: buttons >> 7)) }
    case .cutText(let text):
      sink.uint8(Kind.cutText)
      sink.zeros(3)
      sink.uint32(UInt32(text.count))
      sink.append(text)
    case .clipboard(let message):
      sink.uint8(Kind.cutText)
      sink.zeros(3)
      message.writeWithLength(to: sink)
    case .enableContinuousUpdates(let isOn, let rectangle):
      sink.uint8(Kind.enableContinuousUpdates)
      sink.uint8(isOn ? 1 : 0)
      sink.rectangle(rectangle)
    case .fence(let flags, let payload): Fence(flags: flags, payload: payload).write(to: sink)
    case .xvp(let code):
      sink.uint8(Kind.xvp)
      sink.uint8(0)
      sink.uint8(1)
      sink.uint8(code)
    case .setDesktopSize(let width, let height, let screens):
      sink.uint8(Kind.setDesktopSize)
      sink.uint8(0)
      sink.uint16(width)
      sink.uint16(height)
      let screens = screens.prefix(RFBLimits.screens)
      sink.uint8(UInt8(truncatingIfNeeded: screens.count))
      sink.uint8(0)
      for screen in screens { screen.write(to: sink) }
    }
  }
}

extension ClipboardMessage {
  /// The negative length, then the message.
  func writeWithLength(to sink: ByteSink) {
    let place = sink.count
    sink.uint32(0)
    write(to: sink)
    sink.patchUInt32(-(sink.count - place - 4), at: place)
  }
}

extension Screen {
  /// Bytes of a screen on the wire.
  static let wireSize = 16

  init(_ input: InputBuffer, at offset: Int) {
    self.init(
      id: input.uint32(at: offset), area: input.rectangle(at: offset + 4), flags: input.uint32(at: offset + 12))
  }

  func write(to sink: ByteSink) {
    sink.uint32(id)
    sink.rectangle(area)
    sink.uint32(flags)
  }
}
