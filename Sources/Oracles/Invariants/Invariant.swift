import TestEnvironment

/// A rule of spec/05 §1 that watches a run. It sees every observation of the kinds it asks for, after the situation
/// took it in; its deadlines are evaluated while the situation still stands as it stood when they passed.
protocol Invariant: AnyObject {
  /// As in spec/05 §1.
  static var id: String { get }
  /// The invariant in one line.
  static var statement: String { get }
  static var kinds: [ObservationKind] { get }

  var docket: Docket { get set }
  /// No deadline passes before this; nil: none is pending.
  var nextDeadline: Duration? { get }

  func observe(_ event: TimedObservation, in situation: Situation)
  /// Judges all deadlines strictly before `time`.
  func expire(before time: Duration, in situation: Situation)
  /// Called some times while all is quiet, first when quiet begins and last when the run ends in it.
  func judgeQuiet(at time: Duration, in situation: Situation)
  /// The run is over.
  func finish(at time: Duration, in situation: Situation)
}

extension Invariant {
  var nextDeadline: Duration? { nil }
  func observe(_ event: TimedObservation, in situation: Situation) {}
  func expire(before time: Duration, in situation: Situation) {}
  func judgeQuiet(at time: Duration, in situation: Situation) {}
  func finish(at time: Duration, in situation: Situation) {}

  func violate(
    _ rule: String, _ message: String, at time: Duration, by first: TimedObservation?, about subjects: [Subject],
    excuses: [String] = [], in situation: Situation
  ) {
    docket.violationCount += 1
    guard docket.violations.count < situation.context.keptViolations else { return }
    docket.violations.append(
      Violation(
        time: time, rule: rule, message: message, firstEvent: first,
        chain: situation.chain(about: subjects, to: time, with: first), excusesTested: excuses))
  }

  var verdict: InvariantVerdict {
    InvariantVerdict(
      id: Self.id, statement: Self.statement, checks: docket.checks, excused: docket.excused,
      notJudged: docket.notJudged, violationCount: docket.violationCount, violations: docket.violations)
  }
}

/// What an invariant has found so far.
struct Docket {
  var checks = 0
  var excused = 0
  var notJudged = 0
  var violationCount = 0
  var violations: [Violation] = []
  /// What was reported already, where one fault could be found twice.
  var reported: Set<String> = []
}
