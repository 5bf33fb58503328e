import RemoteFramebuffer
import SimulationRuntime

/// What a client in the state NORMAL says.
extension VNCServer {
  func take(_ message: ClientMessage, from connection: VNCConnection) {
    switch message {
    case .setPixelFormat: connection.formatChanged()
    case .setEncodings: connection.encodingsChanged()
    case .updateRequest(let isIncremental, let rectangle):
      connection.tracker.request(rectangle, isIncremental: isIncremental)
      if !isIncremental, connection.lists(.extendedDesktopSize), connection.announcements.layouts.isEmpty {
        connection.announce(.server, .done)
      }
    case .key(let isDown, let keysym, let keycode):
      guard connection.takesKey(isDown: isDown, keysym: keysym, keycode: keycode) else { return }
      apply(desktop.key(keysym, isDown: isDown))
      tell(.input(connection: connection.connection, serial: desktop.serial, isKey: true))
    case .pointer(let buttons, let x, let y):
      apply(desktop.point(x: x, y: y, buttons: Int(buttons), isTrailed: samplesTrail()))
      tell(.input(connection: connection.connection, serial: desktop.serial, isKey: false))
    case .cutText(let text):
      setClipboard(String(String.UnicodeScalarView(text.map { Unicode.Scalar($0) })), from: connection)
    case .clipboard(let message): take(message, from: connection)
    case .enableContinuousUpdates(let isOn, let rectangle):
      connection.tracker.setContinuous(isOn ? rectangle : nil)
    case .setDesktopSize(let width, let height, let screens):
      setSize(width: width, height: height, screens: screens, for: connection)
    // The session answers fences; nothing here can be shut down by a viewer.
    case .fence, .xvp: break
    }
  }

  // MARK: Clipboard

  /// The clipboard holds another text; all clients but its source are told.
  func setClipboard(_ text: String, from source: VNCConnection?) {
    clipboard = text
    tell(.clipboard(connection: source?.connection, text: text))
    for connection in connections where connection !== source && connection.isReady {
      if connection.lists(.extendedClipboard) {
        connection.session?.writer.clipboard(.notify(formats: ClipboardMessage.text))
      } else {
        connection.session?.writer.cutText(text.unicodeScalars.map { $0.value < 256 ? UInt8($0.value) : 0x3f })
      }
      send(connection)
    }
  }

  private func take(_ message: ClipboardMessage, from connection: VNCConnection) {
    guard let writer = connection.session?.writer else { return }
    switch message {
    case .capabilities: break
    case .notify(let formats):
      if formats & ClipboardMessage.text != 0 { writer.clipboard(.request(formats: ClipboardMessage.text)) }
    case .peek: writer.clipboard(.notify(formats: clipboard.isEmpty ? 0 : ClipboardMessage.text))
    case .request(let formats):
      // A client that asks and does not read is not answered without bound.
      guard formats & ClipboardMessage.text != 0, writer.outputCount < RFBLimits.unsentBytes else { return }
      writer.clipboard(.provide([ClipboardMessage.Content(text: clipboard)]))
    case .provide(let contents):
      if let text = contents.lazy.compactMap(\.text).first { setClipboard(text, from: connection) }
    }
  }

  // MARK: Size

  /// Answers a wish for another size with an update of the requester's own; the others learn of it when it is granted.
  private func setSize(width: Int, height: Int, screens: [Screen], for connection: VNCConnection) {
    let status: ResizeStatus =
      if width < 1 || height < 1 || !Screen.isValidLayout(screens, width: width, height: height) {
        .invalidLayout
      } else if !configuration.allowsResize {
        .prohibited
      } else if max(width, height) > Framebuffer.maximumSide || width * height > configuration.maximumPixels {
        .outOfResources
      } else {
        .done
      }
    guard status == .done else {
      connection.announce(.thisClient, status)
      return
    }
    resize(width: width, height: height, for: connection)
  }

  /// The desktop takes another size, on a client's wish or (nil) its own.
  func resize(width: Int, height: Int, for requester: VNCConnection?) {
    let change = desktop.resize(width: width, height: height)
    for connection in connections {
      connection.offerSize(width: desktop.width, height: desktop.height)
      guard connection.isReady else { continue }
      if connection.lists(.extendedDesktopSize) {
        let reason: ResizeReason = requester == nil ? .server : requester === connection ? .thisClient : .otherClient
        if requester != nil || change.isResized { connection.announce(reason, .done) }
      }
      guard change.isResized else { continue }
      connection.announcements.isResized = connection.takesResize
      connection.tracker.apply(change, canCopy: false)
    }
    if change.isResized { tell(.resized(width: desktop.width, height: desktop.height)) }
    planFrame()
  }
}
