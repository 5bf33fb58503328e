/// A case asked for something that this environment does not have: it is skipped, neither passed nor failed.
package struct Unavailable: Error, Sendable, Hashable, CustomStringConvertible {
  /// The capability of spec/08 §2.
  package var capability: String
  /// What of it was asked for; empty: the capability says it all.
  package var detail: String

  package init(_ capability: String, _ detail: String = "") {
    self.capability = capability
    self.detail = detail
  }

  package var description: String { "needs \(capability)" + (detail.isEmpty ? "" : " (\(detail))") }
}
