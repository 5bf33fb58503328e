/// Something that happened in a run, with the event that brought it about: what happens-before chains are read from.
public struct CausalEvent: Sendable, Equatable {
  /// Place in the run, from 0.
  public var number: Int
  /// Number of the event that scheduled or sent this one, or in which this was noted; nil: none did.
  public var cause: Int?
  public var time: Duration
  /// Process it belongs to; empty for the environment itself.
  public var process: String
  /// Which life of the process, from 1; 0 for the environment itself.
  public var life: Int
  /// `network.delivery`, `hub.register`.
  public var kind: String
  /// The fields of a note, `agent=k8s-c1 term=3`; empty for a plain event.
  public var details: String
  /// Whether a program wrote it down, in contrast to an event of the environment.
  public var isNote: Bool

  public init(
    number: Int, cause: Int?, time: Duration, process: String, life: Int, kind: String, details: String, isNote: Bool
  ) {
    self.number = number
    self.cause = cause
    self.time = time
    self.process = process
    self.life = life
    self.kind = kind
    self.details = details
    self.isNote = isNote
  }
}
