extension ServerSession {
  private typealias Kind = ClientMessage.Kind

  /// Reads one message of the state NORMAL; false when it is not there as a whole.
  func readMessage(_ events: inout [Event]) throws(RFBError) -> Bool {
    guard input.count >= 1 else { return false }
    let kind = input.uint8(at: 0)
    let earlierFence = pendingFence
    pendingFence = nil
    let isRead: Bool
    switch kind {
    case Kind.setPixelFormat: isRead = try readPixelFormat(&events)
    case Kind.setEncodings: isRead = readEncodings(&events)
    case Kind.updateRequest:
      isRead = take(10, &events) {
        .updateRequest(isIncremental: $0.uint8(at: 1) != 0, $0.rectangle(at: 2))
      }
    case Kind.key:
      isRead = takeInput(8, &events) {
        .key(isDown: $0.uint8(at: 1) != 0, keysym: $0.uint32(at: 4), keycode: nil)
      }
    case Kind.pointer: isRead = readPointer(&events)
    case Kind.cutText: isRead = try readCutText(&events)
    case Kind.enableContinuousUpdates: isRead = try readContinuousUpdates(&events)
    case Kind.fence: isRead = try readFence(&events)
    case Kind.xvp: isRead = takeInput(4, &events) { .xvp(code: $0.uint8(at: 3)) }
    case Kind.setDesktopSize: isRead = try readDesktopSize(&events)
    case Kind.qemu: isRead = try readExtendedKey(&events)
    default: throw .unknownMessage(kind)
    }
    if let earlierFence {
      if isRead { answer(earlierFence) } else { pendingFence = earlierFence }
    }
    return isRead
  }

  /// Reads a message of a fixed size.
  private func take(_ size: Int, _ events: inout [Event], _ message: (InputBuffer) -> ClientMessage) -> Bool {
    guard input.count >= size else { return false }
    events.append(.message(message(input)))
    input.consume(size)
    return true
  }

  /// The same for input, which a client that may only look does not have.
  private func takeInput(_ size: Int, _ events: inout [Event], _ message: (InputBuffer) -> ClientMessage) -> Bool {
    guard isViewOnly else { return take(size, &events, message) }
    guard input.count >= size else { return false }
    input.consume(size)
    return true
  }

  private func readPixelFormat(_ events: inout [Event]) throws(RFBError) -> Bool {
    guard input.count >= 4 + PixelFormat.wireSize else { return false }
    let format = PixelFormat(input, at: 4)
    input.consume(4 + PixelFormat.wireSize)
    if let fault = format.fault { throw .badPixelFormat(fault) }
    writer.setFormat(format)
    events.append(.message(.setPixelFormat(format)))
    return true
  }

  private func readEncodings(_ events: inout [Event]) -> Bool {
    guard input.count >= 4 else { return false }
    let count = input.uint16(at: 2)
    guard input.count >= 4 + 4 * count else { return false }
    encodings = (0..<count).map { Encoding(rawValue: input.int32(at: 4 + 4 * $0)) }
    input.consume(4 + 4 * count)
    if let level = encodings.lazy.compactMap(\.compressionLevel).first { writer.compressionLevel = level }
    if lists(.fence) && !sentFirstFence {
      sentFirstFence = true
      writer.fence(flags: Fence.request, payload: [0])
    }
    if lists(.fence) && lists(.continuousUpdates) && !sentFirstEndOfContinuousUpdates {
      sentFirstEndOfContinuousUpdates = true
      writer.endOfContinuousUpdates()
    }
    if lists(.extendedClipboard) {
      writer.clipboard(.capabilities(flags: ClipboardMessage.allActionsOnText, sizes: [0]))
    }
    events.append(.message(.setEncodings(encodings)))
    return true
  }

  private func readPointer(_ events: inout [Event]) -> Bool {
    guard input.count >= 6 else { return false }
    guard writer.offeredExtendedMouse, input.uint8(at: 1) & 0x80 != 0 else {
      return takeInput(6, &events) {
        .pointer(buttons: UInt16($0.uint8(at: 1)), x: $0.uint16(at: 2), y: $0.uint16(at: 4))
      }
    }
    return takeInput(7, &events) {
      .pointer(
        buttons: UInt16($0.uint8(at: 1) & 0x7f) | UInt16($0.uint8(at: 6) & 3) << 7, x: $0.uint16(at: 2),
        y: $0.uint16(at: 4))
    }
  }

  private func readCutText(_ events: inout [Event]) throws(RFBError) -> Bool {
    let reading = try CutText.read(
      from: &input, kind: Kind.cutText, limit: configuration.maximumCutText,
      isExtendedListed: lists(.extendedClipboard))
    switch reading {
    case .incomplete: return false
    case .dropped, .whole(.meaningless): return true
    case .whole(.plain(let bytes)):
      if !isViewOnly { events.append(.message(.cutText(bytes))) }
    case .whole(.extended(let message)):
      if !isViewOnly { events.append(.message(.clipboard(message))) }
    }
    return true
  }

  private func readContinuousUpdates(_ events: inout [Event]) throws(RFBError) -> Bool {
    guard lists(.fence), lists(.continuousUpdates) else { throw .notNegotiated(Kind.enableContinuousUpdates) }
    guard input.count >= 10 else { return false }
    let isOn = input.uint8(at: 1) != 0
    let isRead = take(10, &events) { .enableContinuousUpdates(isOn, $0.rectangle(at: 2)) }
    if isRead && !isOn { writer.endOfContinuousUpdates() }
    return isRead
  }

  private func readFence(_ events: inout [Event]) throws(RFBError) -> Bool {
    guard lists(.fence) else { throw .notNegotiated(Kind.fence) }
    switch Fence.read(from: &input) {
    case .incomplete: return false
    case .dropped: return true
    case .whole(let fence):
      if fence.flags & Fence.request == 0 {
        events.append(.message(.fence(flags: fence.flags, payload: fence.payload)))
      } else if fence.flags & Fence.syncNext != 0 {
        pendingFence = fence
      } else {
        answer(fence)
      }
      return true
    }
  }

  private func answer(_ fence: Fence) {
    writer.fence(flags: fence.flags & Fence.answerable, payload: fence.payload)
  }

  private func readDesktopSize(_ events: inout [Event]) throws(RFBError) -> Bool {
    guard lists(.extendedDesktopSize) else { throw .notNegotiated(Kind.setDesktopSize) }
    guard input.count >= 8 else { return false }
    let count = Int(input.uint8(at: 6))
    return takeInput(8 + Screen.wireSize * count, &events) { input in
      .setDesktopSize(
        width: input.uint16(at: 2), height: input.uint16(at: 4),
        screens: (0..<count).map { Screen(input, at: 8 + Screen.wireSize * $0) })
    }
  }

  private func readExtendedKey(_ events: inout [Event]) throws(RFBError) -> Bool {
    guard input.count >= 2 else { return false }
    guard input.uint8(at: 1) == 0 else { throw .unknownSubmessage(input.uint8(at: 1)) }
    return takeInput(12, &events) {
      .key(isDown: $0.uint16(at: 2) != 0, keysym: $0.uint32(at: 4), keycode: $0.uint32(at: 8))
    }
  }
}
