import CZlib

/// Pictures as PNG files: 8 bits a channel, RGB.
package enum PNGImage {
  /// The bytes of the file.
  package static func encode(_ framebuffer: Framebuffer) -> [UInt8] {
    let file = ByteSink(capacity: 4096)
    file.append([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a])
    chunk("IHDR", in: file) { sink in
      sink.uint32(UInt32(framebuffer.width))
      sink.uint32(UInt32(framebuffer.height))
      // 8 bits, RGB, the only compression, the only set of filters, not interlaced.
      sink.append([8, 2, 0, 0, 0])
    }
    chunk("IDAT", in: file) { sink in
      let deflater = Deflater(level: 6)
      let line = ByteSink(capacity: 1 + 3 * framebuffer.width)
      for row in 0..<framebuffer.height {
        line.truncate(to: 0)
        line.uint8(0)
        let place = line.reserve(3 * framebuffer.width)
        for column in 0..<framebuffer.width {
          let colour = framebuffer[column, row]
          place[3 * column] = UInt8(truncatingIfNeeded: colour >> 16)
          place[3 * column + 1] = UInt8(truncatingIfNeeded: colour >> 8)
          place[3 * column + 2] = UInt8(truncatingIfNeeded: colour)
        }
        line.advance(3 * framebuffer.width)
        deflater.compress(line.base, count: line.count, isLast: false, into: sink)
      }
      deflater.finish(line.base, count: 0, into: sink)
    }
    chunk("IEND", in: file) { _ in }
    return file.take()
  }

  private static func chunk(_ name: String, in file: ByteSink, _ content: (ByteSink) -> Void) {
    let start = file.count
    file.uint32(0)
    file.append(Array(name.utf8))
    content(file)
    file.patchUInt32(file.count - start - 8, at: start)
    let sum = crc32(crc32(0, nil, 0), file.base + start + 4, uInt(file.count - start - 4))
    file.uint32(UInt32(truncatingIfNeeded: sum))
  }
}
