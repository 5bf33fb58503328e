import CZlib

/// The reading end of a zlib stream. Data are inflated piece by piece into a small window, so that a small input can
/// never take much memory, whatever it holds.
final class Inflater {
  // On the heap: zlib keeps a pointer to it.
  private let stream: UnsafeMutablePointer<z_stream>
  private let window: UnsafeMutablePointer<UInt8>
  private var start = 0
  private var end = 0
  private var isUsable: Bool
  /// The stream's own end was reached.
  private(set) var isFinished = false

  /// Bytes that can be asked for at once.
  static let windowSize = 1 << 16

  init() {
    stream = .allocate(capacity: 1)
    stream.initialize(to: z_stream())
    window = .allocate(capacity: Inflater.windowSize)
    isUsable = czlib_inflate_init(stream) == Z_OK
  }

  deinit {
    if isUsable { inflateEnd(stream) }
    stream.deinitialize(count: 1)
    stream.deallocate()
    window.deallocate()
  }

  /// The next compressed bytes, which must stay where they are until ``finishPart()``.
  func begin(_ bytes: UnsafePointer<UInt8>, count: Int) throws(RFBError) {
    guard isUsable else { throw .libraryFailure("zlib cannot inflate") }
    stream.pointee.next_in = UnsafeMutablePointer(mutating: bytes)
    stream.pointee.avail_in = uInt(count)
  }

  /// Inflated bytes that are not used yet.
  var available: Int { end - start }
  /// The first of them.
  var pointer: UnsafePointer<UInt8> { UnsafePointer(window + start) }

  func consume(_ count: Int) { start += count }

  /// Inflates until at least `count` bytes, at most ``windowSize``, are at hand; less only when the input has no more.
  func fill(_ count: Int) throws(RFBError) {
    guard available < count else { return }
    if start > 0 {
      window.update(from: window + start, count: available)
      end -= start
      start = 0
    }
    while available < count {
      let before = end
      try inflateOnce(into: window + end, room: Inflater.windowSize - end) { end += $0 }
      if end == before { return }
    }
  }

  /// Inflates until `count` bytes are at hand, or fails.
  func require(_ count: Int) throws(RFBError) {
    if available < count { try fill(count) }
    guard available >= count else { throw .badZlibData("less data than the rectangle needs") }
  }

  /// All of the input must have been of use.
  func finishPart() throws(RFBError) {
    guard available == 0 else { throw .badZlibData("more data than the rectangle needs") }
    while stream.pointee.avail_in > 0 {
      let before = stream.pointee.avail_in
      var surplus = 0
      try inflateOnce(into: window, room: 16) { surplus = $0 }
      guard surplus == 0, stream.pointee.avail_in < before else {
        throw .badZlibData("more data than the rectangle needs")
      }
    }
    // With all input read, zlib may still hold back output for which there was no room.
    var surplus = 0
    if !isFinished { try inflateOnce(into: window, room: 16) { surplus = $0 } }
    guard surplus == 0 else { throw .badZlibData("more data than the rectangle needs") }
    stream.pointee.next_in = nil
  }

  /// Forgets everything: the peer began a new stream.
  func reset() {
    inflateReset(stream)
    start = 0
    end = 0
    isFinished = false
  }

  private func inflateOnce(
    into place: UnsafeMutablePointer<UInt8>, room: Int, _ count: (Int) -> Void
  ) throws(RFBError) {
    guard !isFinished else { return }
    stream.pointee.next_out = place
    stream.pointee.avail_out = uInt(room)
    let outcome = inflate(stream, Z_SYNC_FLUSH)
    switch outcome {
    case Z_OK, Z_BUF_ERROR: break
    case Z_STREAM_END: isFinished = true
    case Z_NEED_DICT: throw .badZlibData("a preset dictionary")
    default: throw .badZlibData(stream.pointee.msg.map { String(cString: $0) } ?? "zlib says \(outcome)")
    }
    count(room - Int(stream.pointee.avail_out))
  }
}
