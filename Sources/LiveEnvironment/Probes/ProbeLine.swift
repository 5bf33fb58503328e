/// What one probe found, for one line of the doctor.
package struct ProbeLine: Sendable, Hashable {
  package enum Verdict: String, Sendable, Hashable {
    case fine
    /// Worth knowing; nothing fails for it.
    case note
    /// The file or what it names is wrong: exit status 2.
    case refused
    /// Nobody answers there: exit status 3.
    case unavailable
  }

  /// As the file calls it: `api.replicas api-1`, `redis`.
  package var subject: String
  package var verdict: Verdict
  /// What was seen, with the address.
  package var seen: String
  /// What to do about it; empty if nothing.
  package var advice: String

  package init(_ subject: String, _ verdict: Verdict, _ seen: String, advice: String = "") {
    self.subject = subject
    self.verdict = verdict
    self.seen = seen
    self.advice = advice
  }

  package var isTrouble: Bool { verdict == .refused || verdict == .unavailable }

  /// As an error line shows it.
  package var complaint: String { "\(subject): \(seen)\(advice.isEmpty ? "" : "; \(advice)")" }
}
