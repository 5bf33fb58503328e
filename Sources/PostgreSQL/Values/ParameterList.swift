import StreamSpaceProtocol

/// The parameters of one request in the form libpq takes them: C texts, NULL without one.
struct ParameterList {
  private var bytes: [UInt8] = []
  /// Where each begins; nil for NULL.
  private var starts: [Int?] = []

  /// `types` are those the server expects; it needs them for arrays only.
  init(_ values: [SQLValue], types: [TypeIdentifier.ID]) throws(SQLError) {
    starts.reserveCapacity(values.count)
    for (position, value) in values.enumerated() {
      if value.isNull {
        starts.append(nil)
        continue
      }
      starts.append(bytes.count)
      try ValueText.append(value, for: position < types.count ? types[position] : 0, to: &bytes)
      bytes.append(0)
    }
  }

  /// Calls `body` with the number of parameters and where their texts are.
  func withTexts<Result>(_ body: (Int32, [UnsafePointer<CChar>?]) -> Result) -> Result {
    bytes.withUnsafeBytes { buffer in
      let base = buffer.bindMemory(to: CChar.self).baseAddress
      return body(Int32(starts.count), starts.map { start in start.flatMap { start in base.map { $0 + start } } })
    }
  }
}
