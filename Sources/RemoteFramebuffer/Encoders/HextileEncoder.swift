extension UpdateWriter {
  func encodeHextile(_ rectangle: Rectangle, _ source: PixelSource) { encodeRaw(rectangle, source) }
}
