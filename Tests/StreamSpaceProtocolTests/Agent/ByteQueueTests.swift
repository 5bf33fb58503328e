import StreamSpaceProtocol
import Testing

@Suite("Queue of bytes")
struct ByteQueueTests {
  private static let pieces: [[UInt8]] = [[1, 2, 3], [4], [], [5, 6], Array(7...20)]

  private func queue() -> ByteQueue {
    var queue = ByteQueue()
    for piece in Self.pieces { queue.append(piece) }
    return queue
  }

  @Test("hands out every byte once and in order, whatever is taken at a time", arguments: 1...25)
  func keepOrder(_ limit: Int) {
    var single = queue()
    var merged = queue()
    var taken: [UInt8] = []
    var takenMerged: [UInt8] = []
    while let bytes = single.take(upTo: limit) {
      #expect(bytes.count <= limit && !bytes.isEmpty)
      taken += bytes
      #expect(single.byteCount == 20 - taken.count)
    }
    while let bytes = merged.takeMerged(upTo: limit) {
      #expect(bytes.count <= limit && !bytes.isEmpty)
      takenMerged += bytes
      #expect(merged.byteCount == 20 - takenMerged.count)
    }
    #expect(taken == Array(1...20) && takenMerged == taken)
    #expect(single.isEmpty && merged.isEmpty && single.count == 0)
  }

  @Test("never joins pieces unless it is asked to, and then whole ones only")
  func joinOnRequest() {
    var queue = queue()
    #expect(queue.count == 4)
    #expect(queue.take(upTo: 100) == [1, 2, 3])
    #expect(queue.takeMerged(upTo: 4) == [4, 5, 6])
    #expect(queue.takeMerged(upTo: 4) == [7, 8, 9, 10])
    #expect(queue.takeAll() == [Array(11...20)])
    #expect(queue.take(upTo: 0) == nil && queue.takeMerged(upTo: 1) == nil)
  }

  @Test("frees what was taken while a long queue is worked off")
  func workOff() {
    var queue = ByteQueue()
    for value in 0..<1_000 { queue.append([UInt8(value % 256)]) }
    for value in 0..<1_000 {
      #expect(queue.take(upTo: 1) == [UInt8(value % 256)])
      queue.append([0, 0])
    }
    #expect(queue.byteCount == 2_000 && queue.count == 1_000)
  }
}
