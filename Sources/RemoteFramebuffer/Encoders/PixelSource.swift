/// A picture in memory, while it is encoded.
struct PixelSource {
  let base: UnsafePointer<UInt32>
  /// Pixels of a row.
  let stride: Int

  @inline(__always)
  func row(_ y: Int, from x: Int) -> UnsafePointer<UInt32> { base + y * stride + x }
}

/// Memory that the encoders of one connection use again and again.
final class EncoderScratch {
  /// Words of one tile or one block of rows.
  private(set) var words: UnsafeMutablePointer<UInt32>
  private var wordCapacity = 4096
  /// Bytes on their way to zlib.
  let bytes = ByteSink(capacity: 1 << 12)
  let palette = Palette()

  init() { words = .allocate(capacity: wordCapacity) }

  deinit { words.deallocate() }

  /// Room for words; earlier contents are gone.
  func reserve(words count: Int) -> UnsafeMutablePointer<UInt32> {
    if count > wordCapacity {
      words.deallocate()
      wordCapacity = count
      words = .allocate(capacity: count)
    }
    return words
  }

  /// The words of a rectangle, row after row.
  func load(_ rectangle: Rectangle, _ source: PixelSource, _ encoder: PixelEncoder) -> UnsafeMutablePointer<UInt32> {
    let words = reserve(words: rectangle.area)
    for row in 0..<rectangle.height {
      encoder.translate(
        source.row(rectangle.y + row, from: rectangle.x), words + row * rectangle.width, count: rectangle.width)
    }
    return words
  }
}
