/// The decisions of a run by stream: who runs next (`schedule`), latencies, ids. The environment's own type is not known
/// here, so that plans can be carried out elsewhere too.
public struct RecordedDecisions: Sendable, Equatable {
  public struct Stream: Sendable, Equatable {
    public var name: String
    public var answers: [UInt64]

    public init(name: String, answers: [UInt64]) {
      self.name = name
      self.answers = answers
    }
  }

  /// In order of first use.
  public var streams: [Stream]

  public init(streams: [Stream] = []) { self.streams = streams }
}
