/// A growing buffer of bytes to send; encoders write into its free space.
final class ByteSink {
  private(set) var base: UnsafeMutablePointer<UInt8>
  private(set) var count = 0
  private var capacity: Int
  /// Above it the memory is given back when the bytes are taken.
  private static let keptCapacity = 1 << 18

  init(capacity: Int = 256) {
    self.capacity = max(16, capacity)
    base = .allocate(capacity: self.capacity)
  }

  deinit { base.deallocate() }

  /// Room for `length` bytes behind the last one, valid until the next call; ``advance(_:)`` makes them count.
  func reserve(_ length: Int) -> UnsafeMutablePointer<UInt8> {
    if count + length > capacity {
      let larger = max(capacity * 2, count + length)
      let moved = UnsafeMutablePointer<UInt8>.allocate(capacity: larger)
      moved.update(from: base, count: count)
      base.deallocate()
      base = moved
      capacity = larger
    }
    return base + count
  }

  /// Bytes that fit without growing.
  var room: Int { capacity - count }

  func advance(_ length: Int) { count += length }

  func uint8(_ value: UInt8) {
    reserve(1)[0] = value
    count += 1
  }

  func uint16(_ value: Int) {
    let place = reserve(2)
    place[0] = UInt8(truncatingIfNeeded: value >> 8)
    place[1] = UInt8(truncatingIfNeeded: value)
    count += 2
  }

  func uint32(_ value: UInt32) {
    uint16(Int(value >> 16))
    uint16(Int(value & 0xffff))
  }

  func int32(_ value: Int32) { uint32(UInt32(bitPattern: value)) }

  func zeros(_ length: Int) {
    reserve(length).update(repeating: 0, count: length)
    count += length
  }

  func append(_ bytes: [UInt8]) {
    bytes.withUnsafeBufferPointer { append($0) }
  }

  func append(_ bytes: UnsafeBufferPointer<UInt8>) {
    guard let source = bytes.baseAddress else { return }
    reserve(bytes.count).update(from: source, count: bytes.count)
    count += bytes.count
  }

  /// U32 length and the bytes of a text.
  func text(_ text: String) {
    let bytes = Array(text.utf8)
    uint32(UInt32(bytes.count))
    append(bytes)
  }

  func rectangle(_ rectangle: Rectangle) {
    uint16(rectangle.x)
    uint16(rectangle.y)
    uint16(rectangle.width)
    uint16(rectangle.height)
  }

  func patchUInt16(_ value: Int, at offset: Int) {
    base[offset] = UInt8(truncatingIfNeeded: value >> 8)
    base[offset + 1] = UInt8(truncatingIfNeeded: value)
  }

  func patchUInt32(_ value: Int, at offset: Int) {
    patchUInt16(value >> 16, at: offset)
    patchUInt16(value & 0xffff, at: offset + 2)
  }

  /// Takes bytes back that were appended.
  func truncate(to length: Int) { count = min(count, length) }

  /// All bytes; none are left.
  func take() -> [UInt8] {
    let bytes = [UInt8](UnsafeBufferPointer(start: base, count: count))
    count = 0
    if capacity > ByteSink.keptCapacity {
      base.deallocate()
      capacity = 256
      base = .allocate(capacity: capacity)
    }
    return bytes
  }
}
