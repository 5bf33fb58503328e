extension UpdateWriter {
  func encodeRRE(_ rectangle: Rectangle, _ source: PixelSource) { encodeRaw(rectangle, source) }
}
