extension UpdateWriter {
  func encodeTight(_ rectangle: Rectangle, _ source: PixelSource) { encodeRaw(rectangle, source) }
}
