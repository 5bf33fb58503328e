/// Why a text is no plan. The description names the field: `faults[3].target: 'moon' is no target`.
public struct ChaosPlanError: Error, Sendable, Equatable, CustomStringConvertible {
  /// Where: `faults[3].target`; empty: the document as a whole.
  public let field: String
  public let problem: String

  init(_ field: String, _ problem: String) {
    self.field = field
    self.problem = problem
  }

  public var description: String { field.isEmpty ? problem : "\(field): \(problem)" }
}
