/// What a viewer says.
extension ViewerSession {
  /// Asks for pixels of a rectangle in screen coordinates; nil is all of ``window``.
  package func requestUpdate(isIncremental: Bool, _ rectangle: Rectangle? = nil) {
    send(.updateRequest(isIncremental: isIncremental, rectangle ?? window))
  }

  /// The extended form, with a keycode, only after ``Event/extendedKey``.
  package func key(isDown: Bool, keysym: UInt32, keycode: UInt32? = nil) {
    send(.key(isDown: isDown, keysym: keysym, keycode: keycode))
  }

  package func pointer(buttons: UInt16, x: Int, y: Int) { send(.pointer(buttons: buttons, x: x, y: y)) }

  /// Latin-1.
  package func cutText(_ text: [UInt8]) { send(.cutText(text)) }

  /// Only after the server's capabilities came.
  package func clipboard(_ message: ClipboardMessage) { send(.clipboard(message)) }

  package func setEncodings(_ encodings: [Encoding]) { send(.setEncodings(encodings)) }

  /// The protocol has no mark where the new format begins: safe only while no update is on its way.
  package func setPixelFormat(_ format: PixelFormat) { send(.setPixelFormat(format)) }

  /// Only after the first ``Event/continuousUpdatesEnded``; nil is all of ``window``.
  package func enableContinuousUpdates(_ isOn: Bool, _ rectangle: Rectangle? = nil) {
    send(.enableContinuousUpdates(isOn, rectangle ?? window))
  }

  /// Asks for an answer; the request bit is set here.
  package func fence(flags: UInt32, payload: [UInt8]) {
    send(.fence(flags: flags | Fence.request, payload: payload))
  }

  package func setDesktopSize(width: Int, height: Int, screens: [Screen]) {
    send(.setDesktopSize(width: width, height: height, screens: screens))
  }

  /// Any message as it is.
  package func send(_ message: ClientMessage) {
    switch message {
    case .setPixelFormat(let new):
      format = new
      colourMap = []
      decoders = [nil, nil, nil]
    case .setEncodings(let encodings): listed.formUnion(encodings)
    default: break
    }
    message.write(to: output, hasExtendedMouse: serverHasExtendedMouse)
  }
}
