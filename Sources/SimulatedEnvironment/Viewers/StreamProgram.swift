/// What a viewer does with the bytes of its stream.
protocol StreamProgram: AnyObject {
  /// Bytes came, in any split.
  func receive(_ bytes: [UInt8])
}
