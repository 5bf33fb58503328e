extension ViewerSession {
  /// Draws every subrectangle that is there.
  func readRRE() throws(RFBError) -> Bool {
    let decoder = decoder(.pixel)
    let size = decoder.byteCount
    if progress.announced == nil {
      guard input.count >= 4 + size else { return false }
      let count = Int(input.uint32(at: 0))
      guard count <= target.area else {
        throw .badEncodingData(.rre, "\(count) subrectangles in \(target.area) pixels")
      }
      framebuffer.fill(target, try colour(at: 4, decoder))
      input.consume(4 + size)
      progress.announced = count
    }
    let subrectangleSize = size + 8
    let count = min((progress.announced ?? 0) - progress.done, input.count / subrectangleSize)
    for index in 0..<count {
      let place = index * subrectangleSize
      let inside = input.rectangle(at: place + size)
      guard inside.endX <= target.width, inside.endY <= target.height else {
        throw .badEncodingData(.rre, "a subrectangle \(inside) in \(target.width)x\(target.height)")
      }
      framebuffer.fill(
        Rectangle(x: target.x + inside.x, y: target.y + inside.y, width: inside.width, height: inside.height),
        try colour(at: place, decoder))
    }
    input.consume(count * subrectangleSize)
    progress.done += count
    return progress.done == progress.announced
  }

  /// The colour of the pixel at an offset, which must be at hand.
  func colour(at offset: Int, _ decoder: PixelDecoder) throws(RFBError) -> UInt32 {
    try input.withBytes { bytes in bytes.baseAddress.map { decoder.colour($0 + offset) } ?? 0 }
  }
}
