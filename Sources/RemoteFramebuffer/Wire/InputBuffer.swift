/// Bytes that came and are not used yet. Bytes in small pieces cost no more than a few copies each.
struct InputBuffer {
  private var bytes: [UInt8] = []
  private var start = 0
  /// Bytes still to come that nobody wants.
  private var unwanted = 0

  /// Bytes at hand.
  var count: Int { bytes.count - start }

  mutating func append(_ new: [UInt8]) {
    if unwanted > 0 {
      let count = min(unwanted, new.count)
      unwanted -= count
      if count == new.count { return }
      return append(Array(new[count...]))
    }
    if start == bytes.count {
      // The usual case: everything was used, so the new buffer is taken over without a copy.
      bytes = new
      start = 0
      return
    }
    // At least as many bytes were used as have to be moved: a byte is moved a constant number of times.
    if start > bytes.count / 2 {
      bytes.removeFirst(start)
      start = 0
    }
    bytes.append(contentsOf: new)
  }

  /// The number at `offset`, which must be at hand.
  func uint8(at offset: Int) -> UInt8 { bytes[start + offset] }

  func uint16(at offset: Int) -> Int { Int(uint8(at: offset)) << 8 | Int(uint8(at: offset + 1)) }

  func uint32(at offset: Int) -> UInt32 {
    UInt32(uint16(at: offset)) << 16 | UInt32(uint16(at: offset + 2))
  }

  func int32(at offset: Int) -> Int32 { Int32(bitPattern: uint32(at: offset)) }

  /// Four numbers of 16 bits.
  func rectangle(at offset: Int) -> Rectangle {
    Rectangle(
      x: uint16(at: offset), y: uint16(at: offset + 2), width: uint16(at: offset + 4), height: uint16(at: offset + 6))
  }

  /// A copy of bytes that must be at hand.
  func copy(_ length: Int, at offset: Int = 0) -> [UInt8] {
    Array(bytes[(start + offset)..<(start + offset + length)])
  }

  mutating func consume(_ length: Int) { start += length }

  /// Uses up bytes that may not all be here yet: what is missing is dropped when it comes.
  mutating func skip(_ length: Int) {
    let present = min(length, count)
    consume(present)
    unwanted += length - present
  }

  /// Looks at all bytes at hand.
  func withBytes<Result>(_ body: (UnsafeBufferPointer<UInt8>) throws(RFBError) -> Result) throws(RFBError) -> Result {
    var outcome: Swift.Result<Result, RFBError>?
    bytes.withUnsafeBufferPointer { all in
      let rest = UnsafeBufferPointer(rebasing: all[start...])
      do throws(RFBError) { outcome = .success(try body(rest)) } catch { outcome = .failure(error) }
    }
    guard let outcome else { throw .libraryFailure("no bytes") }
    return try outcome.get()
  }

  mutating func removeAll() {
    bytes = []
    start = 0
    unwanted = 0
  }
}
