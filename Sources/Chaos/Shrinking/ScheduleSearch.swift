/// Makes the schedule plainer: simultaneous events first come, first served, and latencies at their medians, except
/// where the failure needs something else. Those decisions that matter are then told one by one.
enum ScheduleSearch {
  /// The stream that orders simultaneous events.
  static let schedule = "schedule"
  /// The middle of a latency table, in millionths: its median (spec/06 §10.3).
  static let median: UInt64 = 500_000

  /// One answer that is not the plain one.
  private struct Deviation: Hashable {
    var stream: String
    var position: Int
    var answer: UInt64
  }

  static func simplify(_ search: inout PlanSearch, with executor: any ChaosExecutor) {
    search.enter(.schedule)
    simplifyOrder(&search, with: executor)
    search.enter(.latencies)
    simplifyLatencies(&search, with: executor)
  }

  // MARK: The order of events

  private static func simplifyOrder(_ search: inout PlanSearch, with executor: any ChaosExecutor) {
    var plain = search.trial
    plain.strategy = "fifo"
    plain.decisions = plain.decisions?.without([schedule])
    if search.tryFirst(of: [plain]) != nil { return }
    guard let recorded = record(search, with: executor)?.stream(schedule) else { return }
    var deviations: [Deviation] = []
    for (position, answer) in recorded.answers.enumerated() where answer != 0 {
      deviations.append(Deviation(stream: schedule, position: position, answer: answer))
    }
    minimize(deviations, &search) { kept in
      var trial = plain
      trial.decisions = (trial.decisions ?? RecordedDecisions()).with(stream(schedule, kept, plain: 0))
      return trial
    }
  }

  // MARK: Latencies

  private static func simplifyLatencies(_ search: inout PlanSearch, with executor: any ChaosExecutor) {
    guard let recorded = record(search, with: executor) else { return }
    let latencies = recorded.streams.filter(\.looksLikeLatencies)
    guard !latencies.isEmpty else { return }
    let before = search.trial
    let needed = DeltaDebugging.minimize(latencies.map(\.name)) { lists in
      search.tryFirst(of: lists.map { kept in before.atMedian(latencies.map(\.name).filter { !kept.contains($0) }) })
    }
    // Of the streams that matter, the draws that matter.
    for name in needed {
      guard let stream = latencies.first(where: { $0.name == name }) else { continue }
      var deviations: [Deviation] = []
      for (position, answer) in stream.answers.enumerated() where answer != median {
        deviations.append(Deviation(stream: name, position: position, answer: answer))
      }
      let present = search.trial
      minimize(deviations, &search) { kept in
        var trial = present
        trial.decisions = (trial.decisions ?? RecordedDecisions()).with(Self.stream(name, kept, plain: median))
        return trial
      }
    }
  }

  // MARK: Decisions

  private static func minimize(
    _ deviations: [Deviation], _ search: inout PlanSearch, trial: ([Deviation]) -> Trial
  ) {
    guard !deviations.isEmpty, search.tryFirst(of: [trial(deviations)]) != nil else { return }
    _ = DeltaDebugging.minimize(deviations) { lists in search.tryFirst(of: lists.map(trial)) }
  }

  /// Answers of a stream that are `plain` but for the deviations.
  private static func stream(_ name: String, _ deviations: [Deviation], plain: UInt64) -> RecordedDecisions.Stream {
    var answers = [UInt64](repeating: plain, count: (deviations.map(\.position).max() ?? -1) + 1)
    for deviation in deviations { answers[deviation.position] = deviation.answer }
    return .init(name: name, answers: answers, rest: plain)
  }

  private static func record(_ search: PlanSearch, with executor: any ChaosExecutor) -> RecordedDecisions? {
    var options = search.trial.options
    options.recordsDecisions = true
    search.bench.countRun()
    return executor.run(search.trial.plan, options).decisions
  }
}

extension Trial {
  fileprivate func atMedian(_ names: [String]) -> Trial {
    var trial = self
    var decisions = trial.decisions ?? RecordedDecisions()
    for name in names { decisions = decisions.with(.init(name: name, answers: [], rest: ScheduleSearch.median)) }
    trial.decisions = decisions.streams.isEmpty ? nil : decisions
    return trial
  }
}

extension RecordedDecisions {
  func stream(_ name: String) -> Stream? { streams.first { $0.name == name } }

  fileprivate func without(_ names: [String]) -> RecordedDecisions? {
    let kept = streams.filter { !names.contains($0.name) }
    return kept.isEmpty ? nil : RecordedDecisions(streams: kept)
  }

  fileprivate func with(_ stream: Stream) -> RecordedDecisions {
    RecordedDecisions(streams: streams.filter { $0.name != stream.name } + [stream])
  }
}

extension RecordedDecisions.Stream {
  /// Draws from latency tables are in millionths; ids and choices are far above or far below.
  fileprivate var looksLikeLatencies: Bool {
    name != ScheduleSearch.schedule && answers.allSatisfy { $0 < 1_000_000 } && answers.contains { $0 >= 100_000 }
  }
}
