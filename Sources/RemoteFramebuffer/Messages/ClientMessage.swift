/// What a client says in the state NORMAL (spec/04 §1.5).
package enum ClientMessage: Hashable, Sendable {
  case setPixelFormat(PixelFormat)
  /// The whole list, in the order of preference.
  case setEncodings([Encoding])
  /// The rectangle is as it was sent: it may be empty or reach outside.
  case updateRequest(isIncremental: Bool, Rectangle)
  /// `keycode` only in the extended form (QEMU): the XT make code.
  case key(isDown: Bool, keysym: UInt32, keycode: UInt32?)
  /// Bits of `buttons`: 0 left, 1 middle, 2 right, 3 ... 6 wheel, 7 back, 8 forward (both only with extended buttons).
  case pointer(buttons: UInt16, x: Int, y: Int)
  /// Latin-1 with LF line ends.
  case cutText([UInt8])
  case clipboard(ClipboardMessage)
  case enableContinuousUpdates(Bool, Rectangle)
  case fence(flags: UInt32, payload: [UInt8])
  case xvp(code: UInt8)
  case setDesktopSize(width: Int, height: Int, screens: [Screen])
}
