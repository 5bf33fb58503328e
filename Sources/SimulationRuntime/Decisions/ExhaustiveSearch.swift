/// Tries every order of simultaneous events, depth first: the bounded exhaustive strategy (DESIGN §3).
///
/// Ask for a configuration, run a fresh simulation with it, tell how it went, until there is none:
///
/// ```swift
/// var search = ExhaustiveSearch(depth: 12)
/// while search.runs < 10_000, let configuration = search.next(from: .init(seed: 1)) {
///   let simulation = Simulation(configuration)
///   // … build, run, judge …
///   search.finished(simulation.decisions)
///   simulation.tearDown()
/// }
/// ```
///
/// Everything that is not the order of events comes from the seed, so the runs differ in that order only.
public struct ExhaustiveSearch: Sendable {
  /// Choices of a run that are varied, counted from its beginning; the later ones take events in scheduling order.
  public let depth: Int
  /// Runs told of so far.
  public private(set) var runs = 0
  /// Whether every order within the depth was tried.
  public private(set) var isComplete = false
  private var prefix: [UInt64] = []

  public init(depth: Int) { self.depth = max(depth, 0) }

  /// `configuration` with the next order to try; nil when all were.
  public func next(from configuration: Simulation.Configuration) -> Simulation.Configuration? {
    guard !isComplete else { return nil }
    var configuration = configuration
    configuration.strategy = .fifo
    configuration.isRecording = true
    configuration.replay = DecisionLog(streams: [.init(name: Decisions.scheduleName, answers: prefix)])
    return configuration
  }

  /// The run with the last configuration has ended; `decisions` are those of its simulation.
  public mutating func finished(_ decisions: Decisions) {
    runs += 1
    var choices = Array(decisions.scheduleChoices.prefix(depth))
    while let last = choices.last, last.answer + 1 >= last.count { choices.removeLast() }
    guard let last = choices.popLast() else {
      isComplete = true
      return
    }
    prefix = choices.map(\.answer) + [last.answer + 1]
  }
}
