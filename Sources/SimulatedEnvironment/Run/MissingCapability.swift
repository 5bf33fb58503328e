import TestEnvironment

/// Something of spec/08 §2 that the simulated environment cannot do yet. A case that needs it is skipped with the
/// reason, unless the case says in its `limits` what it leaves out instead.
struct MissingCapability: Sendable, Equatable {
  /// As cases name it.
  let name: String
  let reason: String

  static let all: [MissingCapability] = []

  /// Why a case cannot run, for its verdict; nil if it can. At most three are named (spec/08 §2).
  static func objection(to testCase: TestCase) -> String? {
    let limits = testCase.limits.lowercased()
    let missing = testCase.capabilities.compactMap { name in
      all.first { $0.name == name && !limits.contains($0.name) }
    }
    guard !missing.isEmpty else { return nil }
    return "needs: " + missing.prefix(3).map { "\($0.name) (\($0.reason))" }.joined(separator: ", ")
  }
}
