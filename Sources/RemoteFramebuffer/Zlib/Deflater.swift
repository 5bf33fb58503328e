import CZlib

/// The compressing end of a zlib stream that is never finished.
final class Deflater {
  // On the heap: zlib keeps a pointer to it.
  private let stream: UnsafeMutablePointer<z_stream>
  private var level: Int
  private let isUsable: Bool

  /// - Parameter level: 0 ... 9.
  init(level: Int) {
    self.level = min(max(0, level), 9)
    stream = .allocate(capacity: 1)
    stream.initialize(to: z_stream())
    isUsable = czlib_deflate_init(stream, Int32(self.level)) == Z_OK
  }

  deinit {
    if isUsable { deflateEnd(stream) }
    stream.deinitialize(count: 1)
    stream.deallocate()
  }

  /// Changes the level; every compressed part must have ended with a flush.
  func setLevel(_ new: Int, into sink: ByteSink) {
    guard new != level, isUsable else { return }
    level = new
    stream.pointee.next_in = nil
    stream.pointee.avail_in = 0
    let room = 64
    stream.pointee.next_out = sink.reserve(room)
    stream.pointee.avail_out = uInt(room)
    deflateParams(stream, Int32(min(max(0, new), 9)), Z_DEFAULT_STRATEGY)
    sink.advance(room - Int(stream.pointee.avail_out))
  }

  /// Compresses bytes; with `isLast` so that what came so far can be inflated.
  func compress(_ bytes: UnsafePointer<UInt8>, count: Int, isLast: Bool, into sink: ByteSink) {
    run(bytes, count: count, flush: isLast ? Z_SYNC_FLUSH : Z_NO_FLUSH, into: sink)
  }

  /// Ends the stream; nothing may be compressed afterwards.
  func finish(_ bytes: UnsafePointer<UInt8>, count: Int, into sink: ByteSink) {
    run(bytes, count: count, flush: Z_FINISH, into: sink)
  }

  private func run(_ bytes: UnsafePointer<UInt8>, count: Int, flush: Int32, into sink: ByteSink) {
    guard isUsable else { return }
    stream.pointee.next_in = UnsafeMutablePointer(mutating: bytes)
    stream.pointee.avail_in = uInt(count)
    while true {
      let place = sink.reserve(max(256, min(count, 1 << 16)))
      let room = sink.room
      stream.pointee.next_out = place
      stream.pointee.avail_out = uInt(room)
      let outcome = deflate(stream, flush)
      sink.advance(room - Int(stream.pointee.avail_out))
      if outcome == Z_STREAM_END || outcome == Z_STREAM_ERROR || stream.pointee.avail_out > 0 { break }
    }
    stream.pointee.next_in = nil
  }
}
