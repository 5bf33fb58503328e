/// The decisions of a run by stream: who runs next (`schedule`), latencies, ids. The environment's own type is not known
/// here, so that plans can be carried out elsewhere too.
public struct RecordedDecisions: Sendable, Hashable {
  public struct Stream: Sendable, Hashable {
    public var name: String
    public var answers: [UInt64]
    /// The answer to every later question, where it is possible; nil: the seed answers.
    public var rest: UInt64?

    public init(name: String, answers: [UInt64], rest: UInt64? = nil) {
      self.name = name
      self.answers = answers
      self.rest = rest
    }
  }

  /// In order of first use.
  public var streams: [Stream]

  public init(streams: [Stream] = []) { self.streams = streams }
}
