/// A fence, the same in both directions (spec/04 §1.5).
package struct Fence: Hashable, Sendable {
  package var flags: UInt32
  /// At most ``RFBLimits/fencePayload`` bytes.
  package var payload: [UInt8]

  package static let blockBefore: UInt32 = 1
  package static let blockAfter: UInt32 = 2
  package static let syncNext: UInt32 = 4
  package static let request: UInt32 = 1 << 31
  /// The flags that an answer may carry.
  static let answerable: UInt32 = 7

  package init(flags: UInt32, payload: [UInt8]) {
    self.flags = flags
    self.payload = payload
  }

  static let kind: UInt8 = 248
  /// Bytes before the payload.
  static let headSize = 9

  /// Reads one, its kind included; one with more than ``RFBLimits/fencePayload`` bytes is dropped.
  static func read(from input: inout InputBuffer) -> Reading<Fence> {
    guard input.count >= headSize else { return .incomplete }
    let length = Int(input.uint8(at: 8))
    guard length <= RFBLimits.fencePayload else {
      input.skip(headSize + length)
      return .dropped
    }
    guard input.count >= headSize + length else { return .incomplete }
    let fence = Fence(flags: input.uint32(at: 4), payload: input.copy(length, at: headSize))
    input.consume(headSize + length)
    return .whole(fence)
  }

  func write(to sink: ByteSink) {
    let payload = payload.prefix(RFBLimits.fencePayload)
    sink.uint8(Fence.kind)
    sink.zeros(3)
    sink.uint32(flags)
    sink.uint8(UInt8(truncatingIfNeeded: payload.count))
    sink.append(Array(payload))
  }
}
