import StreamSpaceProtocol

/// A failing run of a plan as a file: everything that repeats it, and what is expected when it is repeated. A member of
/// the regression corpus is such a file, with the reason why it is kept.
public struct ChaosReplay: Sendable, Equatable {
  /// Version of the format.
  public static let version = 2

  public var trial: Trial
  /// `contract+B-01`.
  public var profile: String
  /// Of the run that failed; a replay that differs ran another build.
  public var fingerprint: String
  /// The failure: `I-ROUTE`, or `run`.
  public var signature: String
  /// When it came, and what was wrong; nil: the run itself broke.
  public var violation: Violation?
  /// ``HarnessVersion`` of the build that made the file.
  public var harness: String
  /// Why the run is kept, for a person.
  public var reason: String
  /// Where it came from: `seed 4711 of a campaign`.
  public var origin: String
  /// The profile under which the same plan must be green; nil: nothing is said about that.
  public var greenUnder: String?

  public struct Violation: Sendable, Equatable {
    public var time: Duration
    public var message: String

    public init(time: Duration, message: String) {
      self.time = time
      self.message = message
    }
  }

  /// A failing run; nil if `outcome` is green.
  public init?(_ trial: Trial, _ outcome: ChaosOutcome, reason: String = "", origin: String = "") {
    guard let signature = outcome.signature else { return nil }
    self.trial = trial
    self.signature = signature
    profile = outcome.profile
    fingerprint = outcome.fingerprint
    violation = outcome.violations.first.map { Violation(time: $0.time, message: $0.message) }
    harness = HarnessVersion.current
    self.reason = reason.isEmpty ? outcome.violations.first?.message ?? outcome.problems.first ?? "" : reason
    self.origin = origin.isEmpty ? "seed \(trial.plan.seed)" : origin
    greenUnder = outcome.profile == "contract" ? nil : "contract"
  }

  /// `I-ROUTE-4711.json`, with the profile unless it is the contract.
  public var fileName: String {
    let parts = [signature, profile == "contract" ? "" : profile, String(trial.plan.seed)]
    let name = parts.filter { !$0.isEmpty }.joined(separator: "-")
    let safe = name.map { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "." || $0 == "-") ? $0 : "_" }
    return String(safe) + ".json"
  }
}
