extension ViewerSession {
  private typealias Kind = UpdateWriter.Kind

  /// Reads one message, of an update only its head; false when it is not there as a whole.
  func readMessage(_ events: inout [Event]) throws(RFBError) -> Bool {
    guard input.count >= 1 else { return false }
    let kind = input.uint8(at: 0)
    switch kind {
    case Kind.update:
      guard input.count >= 4 else { return false }
      rectanglesLeft = input.uint16(at: 2)
      isOpenEnded = rectanglesLeft == RFBLimits.rectangles
      input.consume(4)
      updated = []
      phase = .rectangle
      return true
    case Kind.colourMap: return try readColourMap(&events)
    case Kind.bell:
      input.consume(1)
      events.append(.bell)
      return true
    case Kind.cutText: return try readCutText(&events)
    case Kind.endOfContinuousUpdates:
      input.consume(1)
      events.append(.continuousUpdatesEnded)
      return true
    case Fence.kind: return readFence(&events)
    case Kind.xvp:
      guard input.count >= 4 else { return false }
      events.append(.xvp(code: input.uint8(at: 3)))
      input.consume(4)
      return true
    default: throw .unknownMessage(kind)
    }
  }

  private func readColourMap(_ events: inout [Event]) throws(RFBError) -> Bool {
    guard input.count >= 6 else { return false }
    let first = input.uint16(at: 2)
    let count = input.uint16(at: 4)
    guard !format.isTrueColour, first + count <= 256 else { throw .badColourMap }
    guard input.count >= 6 + 6 * count else { return false }
    if colourMap.isEmpty { colourMap = [UInt32](repeating: 0, count: 256) }
    for entry in 0..<count {
      // Intensities have 16 bits, of which the upper 8 matter here.
      let place = 6 + 6 * entry
      colourMap[first + entry] =
        UInt32(input.uint8(at: place)) << 16 | UInt32(input.uint8(at: place + 2)) << 8
        | UInt32(input.uint8(at: place + 4))
    }
    input.consume(6 + 6 * count)
    decoders = [nil, nil, nil]
    events.append(.colourMap(first: first, count: count))
    return true
  }

  private func readCutText(_ events: inout [Event]) throws(RFBError) -> Bool {
    guard input.count >= 8 else { return false }
    let signed = Int(input.int32(at: 4))
    let isExtended = signed < 0
    let length = abs(signed)
    if isExtended && !listed.contains(.extendedClipboard) { throw .notNegotiated(Kind.cutText) }
    if isExtended && length < 4 { throw .badClipboard("shorter than its flags") }
    guard length <= configuration.maximumCutText else {
      input.consume(8)
      skipped = length
      return true
    }
    guard input.count >= 8 + length else { return false }
    let bytes = input.copy(length, at: 8)
    input.consume(8 + length)
    if !isExtended {
      events.append(.cutText(bytes))
    } else if let message = try ClipboardMessage.parse(bytes, limit: configuration.maximumCutText) {
      events.append(.clipboard(message))
    }
    return true
  }

  private func readFence(_ events: inout [Event]) -> Bool {
    guard input.count >= Fence.headSize else { return false }
    let flags = input.uint32(at: 4)
    let length = Int(input.uint8(at: 8))
    guard length <= RFBLimits.fencePayload else {
      input.consume(Fence.headSize)
      skipped = length
      return true
    }
    guard input.count >= Fence.headSize + length else { return false }
    let payload = input.copy(length, at: Fence.headSize)
    input.consume(Fence.headSize + length)
    if flags & Fence.request == 0 {
      events.append(.fence(flags: flags, payload: payload))
    } else {
      // Everything before it was used in order, so the answer can go at once whatever it asks for.
      send(.fence(flags: flags & Fence.answerable, payload: payload))
    }
    return true
  }
}
