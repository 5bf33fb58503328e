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
    let reading = try CutText.read(
      from: &input, kind: Kind.cutText, limit: configuration.maximumCutText,
      isExtendedListed: listed.contains(.extendedClipboard))
    switch reading {
    case .incomplete: return false
    case .dropped, .whole(.meaningless): break
    case .whole(.plain(let bytes)): events.append(.cutText(bytes))
    case .whole(.extended(let message)): events.append(.clipboard(message))
    }
    return true
  }

  private func readFence(_ events: inout [Event]) -> Bool {
    switch Fence.read(from: &input) {
    case .incomplete: return false
    case .dropped: break
    case .whole(let fence):
      if fence.flags & Fence.request == 0 {
        events.append(.fence(flags: fence.flags, payload: fence.payload))
      } else {
        // Everything before it was used in order, so the answer can go at once whatever it asks for.
        send(.fence(flags: fence.flags & Fence.answerable, payload: fence.payload))
      }
    }
    return true
  }
}
