/// A file of a report: its path inside the report folder, and its bytes.
public struct ReportFile: Sendable, Equatable {
  public var name: String
  public var bytes: [UInt8]

  public init(_ name: String, _ text: String) {
    self.name = name
    bytes = Array(text.utf8)
  }

  public init(_ name: String, bytes: [UInt8]) {
    self.name = name
    self.bytes = bytes
  }
}
