/// The viewer's side of one connection: takes the server's bytes in any split, keeps the picture, and collects the bytes
/// to send. Fences are answered here; update requests are the owner's.
package final class ViewerSession {
  package enum Event: Hashable, Sendable {
    /// The version that rules.
    case version(ProtocolVersion)
    /// The security type that was chosen.
    case security(UInt8)
    /// ServerInit came; format and encodings of the configuration are in the output.
    case ready(width: Int, height: Int, name: String)
    /// A whole FramebufferUpdate is in ``framebuffer``: its rectangles of pixels in screen coordinates, none when it held
    /// pseudo-rectangles only.
    case updated([Rectangle])
    /// The screen has a new size; what is new of it is black until an update comes.
    case resized(width: Int, height: Int)
    case layout(reason: Int, status: Int, screens: [Screen])
    case cursor(Cursor)
    case desktopName(String)
    /// The server takes extended key events.
    case extendedKey
    /// The server takes more than seven buttons.
    case extendedMouseButtons
    case colourMap(first: Int, count: Int)
    case bell
    /// Latin-1.
    case cutText([UInt8])
    case clipboard(ClipboardMessage)
    /// The answer to a fence of ours.
    case fence(flags: UInt32, payload: [UInt8])
    /// EndOfContinuousUpdates: the first says that the server knows them.
    case continuousUpdatesEnded
    case xvp(code: UInt8)
    /// Always the last: send what ``takeOutput()`` holds, then close.
    case failed(RFBError)
  }

  package let configuration: ViewerConfiguration
  /// The picture of the screen, or of ``window`` of it.
  package private(set) var framebuffer = Framebuffer(width: 0, height: 0)
  /// What ``framebuffer`` shows, in screen coordinates.
  package private(set) var window = Rectangle.empty
  /// Pixels of the whole screen.
  package private(set) var screenWidth = 0
  package private(set) var screenHeight = 0
  package private(set) var name = ""
  package private(set) var isReady = false
  package private(set) var version: ProtocolVersion?
  /// The format in which pixels come.
  package private(set) var format = PixelFormat.natural
  /// Why the connection has to be closed.
  package private(set) var failure: RFBError?
  /// FramebufferUpdates that came whole.
  package private(set) var updateCount = 0

  package init(_ configuration: ViewerConfiguration = ViewerConfiguration()) { self.configuration = configuration }

  /// What the bytes meant, in order and the same for every split of them. After `failed` bytes are dropped.
  package func receive(_ bytes: [UInt8]) -> [Event] { [] }

  /// Bytes to send since the last call.
  package func takeOutput() -> [UInt8] { [] }

  /// Asks for pixels of a rectangle in screen coordinates; nil is all of ``window``.
  package func requestUpdate(isIncremental: Bool, _ rectangle: Rectangle? = nil) {}
  package func key(isDown: Bool, keysym: UInt32, keycode: UInt32? = nil) {}
  package func pointer(buttons: UInt16, x: Int, y: Int) {}
  /// Latin-1.
  package func cutText(_ text: [UInt8]) {}
  package func clipboard(_ message: ClipboardMessage) {}
  package func setEncodings(_ encodings: [Encoding]) {}
  /// Takes effect when the server has read it: only when no update is on its way is it safe, as the protocol has no mark.
  package func setPixelFormat(_ format: PixelFormat) {}
  package func enableContinuousUpdates(_ isOn: Bool, _ rectangle: Rectangle? = nil) {}
  /// A request for an answer; the request bit is set here.
  package func fence(flags: UInt32, payload: [UInt8]) {}
  package func setDesktopSize(width: Int, height: Int, screens: [Screen]) {}
  /// Any message as it is.
  package func send(_ message: ClientMessage) {}
}
