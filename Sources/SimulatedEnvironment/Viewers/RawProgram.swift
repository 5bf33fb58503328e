import StreamSpaceProtocol
import TestEnvironment

/// Bytes as they come, for a desktop that echoes them (VNC-K-02).
final class RawProgram: StreamProgram {
  private let connection: ViewerConnection
  private let sent = SHA256Stream()
  private let received = SHA256Stream()
  private let tell: () -> Void
  private let note: ([UInt8]) -> Void
  /// What is still to be sent, one batch after the other.
  private var batches: [(rest: Int, bytes: ByteStream, pieces: StreamSplit.Pieces)] = []
  private var batchCount = 0
  /// Batches that are sent to their last byte, in turn.
  private(set) var finishedBatches = 0
  private(set) var receivedCount = 0

  /// `note` is told each message before it is sent, `tell` that bytes came or were sent.
  init(_ connection: ViewerConnection, note: @escaping ([UInt8]) -> Void, tell: @escaping () -> Void) {
    self.connection = connection
    self.note = note
    self.tell = tell
    connection.whenWritable { [weak self] in self?.pump() }
  }

  var sentDigest: String { sent.hex }
  var receivedDigest: String { received.hex }

  func receive(_ bytes: [UInt8]) {
    receivedCount += bytes.count
    received.append(bytes)
    tell()
  }

  /// Sends so many bytes as the socket takes them; the number of this batch.
  func send(_ count: Int, seed: UInt64, _ split: StreamSplit) -> Int {
    batches.append((count, ByteStream(seed: seed), StreamSplit.Pieces(split, seed: seed)))
    batchCount += 1
    let number = batchCount
    pump()
    return number
  }

  private func pump() {
    while !batches.isEmpty, connection.isWritable {
      guard batches[0].rest > 0 else {
        batches.removeFirst()
        finishedBatches += 1
        continue
      }
      let count = batches[0].pieces.next(of: batches[0].rest)
      let bytes = batches[0].bytes.next(count)
      batches[0].rest -= count
      sent.append(bytes)
      note(bytes)
      connection.send(bytes)
    }
    if finishedBatches == batchCount { tell() }
  }
}
