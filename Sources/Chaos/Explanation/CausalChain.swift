import TestEnvironment

/// What led to an event: each step was scheduled or sent by the one before it. Oldest first.
public struct CausalChain: Sendable, Equatable {
  /// One process doing one thing.
  public struct Step: Sendable, Equatable {
    public var time: Duration
    /// `k8s-c1-1#2`; `-` for the environment itself.
    public var process: String
    /// `network.delivery`, or what a timer is called.
    public var kind: String
    /// What was noted in that event, oldest first.
    public var notes: [String]
    /// How often the same came before in a row: the ticks of a timer.
    public var repetitions: Int
  }

  public var steps: [Step]

  /// Steps that are told; the oldest are left out beyond that.
  static let longest = 40

  /// The chain to what happened at `time`, or last before it. Of several notes of that time it is the one that has most
  /// in common with `text`, which tells of the violation: its process, the values of its fields.
  public init(to time: Duration, about text: String = "", in events: [CausalEvent]) {
    steps = []
    guard let last = events.last(where: { $0.time <= time }) else { return }
    let rivals = events.filter { $0.time == last.time && $0.kind != "decision" }
    let end = rivals.max { ($0.words(in: text), $0.number) < ($1.words(in: text), $1.number) } ?? last
    var places: [Int: Int] = [:]
    var notes: [Int: [CausalEvent]] = [:]
    for (place, event) in events.enumerated() {
      if !event.isNote {
        places[event.number] = place
      } else if let cause = event.cause {
        notes[cause, default: []].append(event)
      }
    }
    var next: CausalEvent? = end.isNote ? end.cause.flatMap { places[$0] }.map { events[$0] } : end
    if next == nil { steps.append(Step(end, notes: [])) }
    // Only what was noted up to the violation led to it.
    var limit = end.number
    while let event = next {
      let told = (notes[event.number] ?? []).filter { $0.number <= limit }.map(\.text)
      if var last = steps.last, last.isRepeated(by: event, told) {
        last.repetitions += 1
        steps[steps.count - 1] = last
      } else {
        steps.append(Step(event, notes: told))
      }
      limit = event.number
      next = event.cause.flatMap { places[$0] }.map { events[$0] }
    }
    steps = steps.prefix(Self.longest).reversed()
  }

  /// One line a step, one column a process.
  public var lines: [String] {
    var columns: [String] = []
    for step in steps where !columns.contains(step.process) { columns.append(step.process) }
    return steps.flatMap { step in
      let depth = columns.firstIndex(of: step.process) ?? 0
      let indent = String(repeating: "  ", count: depth)
      let again = step.repetitions > 0 ? " (after \(step.repetitions) of the same)" : ""
      let head = "\(step.time.secondsText)  \(indent)\(step.process)  \(step.kind)\(again)"
      return [head]
        + step.notes.map { "\(String(repeating: " ", count: step.time.secondsText.count))    \(indent)\($0)" }
    }
  }
}

extension CausalChain.Step {
  fileprivate init(_ event: CausalEvent, notes: [String]) {
    self.init(time: event.time, process: event.who, kind: event.kind, notes: notes, repetitions: 0)
  }

  /// The chain is read backwards: `event` comes before this step.
  fileprivate func isRepeated(by event: CausalEvent, _ told: [String]) -> Bool {
    process == event.who && kind == event.kind && (told.isEmpty || told == notes)
  }
}

extension CausalEvent {
  fileprivate var who: String { process.isEmpty ? "-" : "\(process)#\(life)" }
  /// How many of its words occur in `text`.
  fileprivate func words(in text: String) -> Int {
    guard !text.isEmpty else { return 0 }
    // What the violation quotes is what it is about.
    if !details.isEmpty, text.contains(details) { return .max }
    let values = details.split(separator: " ").compactMap { $0.split(separator: "=").last }
    return ([process[...]] + values).count { $0.count > 1 && text.contains($0) }
  }

  fileprivate var text: String { details.isEmpty ? kind : "\(kind) \(details)" }
}
