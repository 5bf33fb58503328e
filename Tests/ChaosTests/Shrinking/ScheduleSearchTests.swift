import TestEnvironment
import Testing

@testable import Chaos

@Suite("Shrinking of the schedule")
struct ScheduleSearchTests {
  private let plan = SamplePlans.plan(faults: 0)

  /// The answers of a run: the seed's unless the options have others.
  private static func answers(
    _ name: String, seeded: [UInt64], under options: ExecutionOptions, fifo: UInt64? = nil
  ) -> [UInt64] {
    let stream = options.replaying?.streams.first { $0.name == name }
    return seeded.indices.map { index in
      if let stream, index < stream.answers.count { return stream.answers[index] }
      if let rest = stream?.rest { return rest }
      if let fifo, options.strategy == "fifo" { return fifo }
      return seeded[index]
    }
  }

  private static let schedule: [UInt64] = (0..<400).map { UInt64($0 * 7 % 4) }
  private static let network: [UInt64] = (0..<300).map { UInt64($0 * 40_961 % 1_000_000) }
  private static let database: [UInt64] = (0..<100).map { UInt64($0 * 77_777 % 1_000_000) }

  private func executor(
    _ fails: @escaping @Sendable (_ schedule: [UInt64], _ network: [UInt64], _ database: [UInt64]) -> Bool
  ) -> ScriptedExecutor {
    @Sendable func streams(_ options: ExecutionOptions) -> [RecordedDecisions.Stream] {
      [
        .init(name: "schedule", answers: Self.answers("schedule", seeded: Self.schedule, under: options, fifo: 0)),
        .init(name: "network.latency", answers: Self.answers("network.latency", seeded: Self.network, under: options)),
        .init(
          name: "database.latency", answers: Self.answers("database.latency", seeded: Self.database, under: options)),
        .init(name: "ids", answers: [UInt64.max, 5]),
      ]
    }
    return ScriptedExecutor(
      record: { _, options in RecordedDecisions(streams: streams(options)) },
      judge: { _, options in
        let all = streams(options)
        return fails(all[0].answers, all[1].answers, all[2].answers) ? "I-X" : nil
      })
  }

  @Test("a failure that needs no order and no latency is left with none")
  func plain() throws {
    let result = try PlanShrinker().shrinkSchedule(Trial(plan), with: executor { _, _, _ in true })
    #expect(result.smallest.strategy == "fifo")
    let decisions = try #require(result.smallest.decisions)
    #expect(Set(decisions.streams.map(\.name)) == ["network.latency", "database.latency"])
    #expect(decisions.streams.allSatisfy { $0.answers.isEmpty && $0.rest == 500_000 })
  }

  @Test("recorded decisions that the seed makes by itself are not kept, edited ones are")
  func recorded() throws {
    let same = RecordedDecisions(streams: [.init(name: "ids", answers: [UInt64.max, 5])])
    let free = try PlanShrinker().shrinkSchedule(Trial(plan, decisions: same), with: executor { _, _, _ in true })
    #expect(free.smallest.decisions?.stream("ids") == nil)
    let edited = RecordedDecisions(streams: [.init(name: "ids", answers: [1])])
    let bound = ScriptedExecutor { _, options in options.replaying?.stream("ids")?.answers == [1] ? "I-X" : nil }
    let kept = try PlanShrinker().shrinkSchedule(Trial(plan, decisions: edited), with: bound)
    #expect(kept.smallest.decisions?.stream("ids")?.answers == [1])
  }

  @Test("of the choices of the schedule those are kept that matter")
  func choices() throws {
    let executor = executor { schedule, _, _ in schedule[33] == 3 && schedule[101] == 3 }
    let result = try PlanShrinker().shrinkSchedule(Trial(plan), with: executor)
    let kept = try #require(result.smallest.decisions?.stream("schedule"))
    #expect(result.smallest.strategy == "fifo")
    #expect(kept.answers.indices.filter { kept.answers[$0] != 0 } == [33, 101])
    #expect(kept.rest == 0)
    #expect(result.stepsTried < 150)
  }

  @Test("of the latencies those are kept that matter")
  func latencies() throws {
    let executor = executor { _, network, _ in network[250] > 900_000 || network[250] == Self.network[250] }
    let result = try PlanShrinker().shrinkSchedule(Trial(plan), with: executor)
    let kept = try #require(result.smallest.decisions?.stream("network.latency"))
    #expect(kept.answers.indices.filter { kept.answers[$0] != 500_000 } == [250])
    #expect(result.smallest.decisions?.stream("database.latency")?.answers == [])
    #expect(result.smallest.decisions?.stream("ids") == nil)
  }
}
