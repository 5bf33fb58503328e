import TestEnvironment

/// The requests about one session, in the notation of ``SessionSpecification``.
final class SessionHistory {
  typealias Operation = SessionSpecification.Operation

  let session: String
  let owner: String
  private(set) var operations: [RecordedOperation<Operation>] = []
  /// What each was.
  private var sources: [Source] = []
  private(set) var hasAppeared = false
  private(set) var wasVisited = false
  private(set) var first: Duration?
  private(set) var last: Duration = .zero

  private enum Source {
    case row(SessionSpecification.State)
    case request(RequestRecord)
  }

  init(session: String, owner: String) {
    self.session = session
    self.owner = owner
  }

  /// The row appeared at that moment, and no answered create tells of it.
  func appear(as state: SessionSpecification.State, at time: Duration) {
    hasAppeared = true
    append(.appears(state), from: time, to: time, .row(state))
  }

  func visit() { wasVisited = true }

  /// A request of anybody. `slack`: how much older than its begin an answer may be (C19, cache).
  func add(_ record: RequestRecord, _ kind: SessionRequestKind, slack: Duration) {
    let begin = record.started
    let end: Duration? = record.isUnknown ? nil : record.ended
    let isOwn = record.user == owner
    switch kind {
    case .create:
      guard record.isAccepted else { return }
      hasAppeared = true
      append(.appears(.pending), from: begin, to: record.ended, record)
    case .get:
      if record.status == 200, let state = record.state.flatMap(SessionSpecification.State.init(text:)) {
        append(.shown(.init(state)), from: begin - slack, to: record.ended, record)
      } else if record.status == 404, isOwn {
        append(.shown(.init(.absent)), from: begin - slack, to: record.ended, record)
      }
    case .list:
      guard record.status == 200, let listed = record.listed else { return }
      if listed.contains(session) {
        append(.shown(.present), from: begin - slack, to: record.ended, record)
      } else if isOwn {
        append(
          .shown(.final.union(.init(.absent))), from: begin - slack, to: record.ended, record)
      }
    case .stop: add(record, .stop, from: begin, to: end, isOwn: isOwn)
    case .hibernate: add(record, .hibernate, from: begin, to: end, isOwn: isOwn)
    case .wake: add(record, .wake, from: begin, to: end, isOwn: isOwn)
    case .about:
      if record.path.hasSuffix("/connect") { wasVisited = true }
      guard record.method == "PATCH", record.path.hasSuffix(session), record.isAccepted || record.isUnknown else {
        return
      }
      append(.anyVerb(isCertain: false), from: begin, to: end, record)
    case .other: return
    }
  }

  /// A batch that may have been about this session too (C20).
  func addBatch(_ record: RequestRecord) {
    guard record.isAccepted || record.isUnknown else { return }
    append(.anyVerb(isCertain: false), from: record.started, to: record.isUnknown ? nil : record.ended, record)
  }

  private func add(
    _ record: RequestRecord, _ verb: SessionSpecification.Verb, from begin: Duration, to end: Duration?, isOwn: Bool
  ) {
    if record.isAccepted || record.isUnknown { return append(.verb(verb), from: begin, to: end, record) }
    // A session whose agent was removed is not ready for any verb, whatever its state.
    if record.status == 409, record.error != "Session not ready" {
      let others = SessionSpecification.States.present.subtracting(verb.origins)
      append(.shown(others), from: begin, to: end, record)
    } else if record.status == 404, isOwn {
      append(.shown(.init(.absent)), from: begin, to: end, record)
    }
  }

  private func append(_ operation: Operation, from begin: Duration, to end: Duration?, _ record: RequestRecord) {
    // An effect lies strictly between question and answer, as the way takes time: a request that a user makes in the
    // instant of an answer comes after it.
    let begin = end.map { min(begin + .nanoseconds(1), $0) } ?? begin + .nanoseconds(1)
    append(operation, from: begin, to: end, .request(record))
  }

  private func append(_ operation: Operation, from begin: Duration, to end: Duration?, _ source: Source) {
    operations.append(RecordedOperation(operation, begin: begin, end: end))
    first = first.map { min($0, begin) } ?? begin
    last = max(last, end ?? begin)
    sources.append(source)
  }

  /// An operation for people.
  func line(_ index: Int) -> String {
    switch sources[index] {
    case .row(let state): return "the row appeared as \(state.name) (\(operations[index].begin.text))"
    case .request(let record):
      let target = record.path.hasPrefix("/api/v1") ? String(record.path.dropFirst(7)) : record.path
      let shown = record.state.map { " " + $0 } ?? ""
      return "\(record.method) \(target) by \(record.user) at \(record.replica ?? "the balancer"): "
        + "\(record.status.map(String.init) ?? "no answer")\(shown) (\(record.started.text) to \(record.ended.text))"
    }
  }
}

extension RequestRecord {
  var isAccepted: Bool { status.map { (200..<300).contains($0) } ?? false }

  /// It may have taken effect: no answer, or one that does not tell (a COMMIT without answer, a balancer whose back end
  /// was lost). 503 promises that nothing was written (C35).
  var isUnknown: Bool { status.map { $0 >= 500 && $0 != 503 } ?? true }
}
