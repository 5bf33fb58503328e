/// What became of a replay, compared with what its file says.
public enum ReplayVerdict: Sendable, Equatable {
  /// The same run, to the last event.
  case same
  /// It fails in the same way, but it is another run: the build differs from the one that made the file.
  case sameFailureOfAnotherBuild
  /// It is another run, and it fails otherwise, or not at all: the file says nothing about this build.
  case void(found: String?)
  /// The same run, but judged otherwise: the invariants have changed.
  case judgedOtherwise(found: String?)

  public init(_ replay: ChaosReplay, _ outcome: ChaosOutcome) {
    self.init(
      signature: replay.signature, fingerprint: replay.fingerprint, found: outcome.signature,
      foundFingerprint: outcome.fingerprint)
  }

  public init(signature: String, fingerprint: String, found: String?, foundFingerprint: String) {
    switch (signature == found, fingerprint == foundFingerprint) {
    case (true, true): self = .same
    case (true, false): self = .sameFailureOfAnotherBuild
    case (false, true): self = .judgedOtherwise(found: found)
    case (false, false): self = .void(found: found)
    }
  }

  /// One line for a person.
  public func text(signature: String, harness: String) -> String {
    let builder = "the file was made by version \(harness), this is \(HarnessVersion.current)"
    return switch self {
    case .same: "the same run: it violates \(signature) again"
    case .sameFailureOfAnotherBuild: "another build: the run differs, but it violates \(signature) again (\(builder))"
    case .void(let found):
      "another build: the run differs, and it \(found.map { "violates \($0)" } ?? "is green"), "
        + "not \(signature): the file is void here (\(builder))"
    case .judgedOtherwise(let found):
      "the same run, but it \(found.map { "violates \($0)" } ?? "is green"), not \(signature): the invariants have changed"
    }
  }
}
