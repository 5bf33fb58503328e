import Testing

@testable import SimulationRuntime

@Suite("The time limit of calls answered in order")
struct AnswerDeadlineTests {
  /// Calls that are begun and answered at given milliseconds, each with a limit of 100 ms.
  final class Caller {
    var due: [Instant] = []
    var passed: [Instant] = []
    let life: Incarnation
    lazy var deadline = AnswerDeadline(life, testStep) { [unowned self] in
      due.first
    } passed: { [unowned self] in
      passed.append(life.simulation.now)
      due.removeAll()
    }

    init(_ life: Incarnation, calls: [Int64], answers: [Int64]) {
      self.life = life
      for at in calls {
        life.after(.milliseconds(at), testStep) { [unowned self] in
          due.append(life.monotonicNow + .milliseconds(100))
          deadline.begin(.milliseconds(100))
        }
      }
      for at in answers {
        life.after(.milliseconds(at), testStep) { [unowned self] in
          due.removeFirst()
          if due.isEmpty { deadline.cancel() }
        }
      }
    }
  }

  @Test(
    "it passes when the oldest call without answer has waited for so long",
    arguments: [
      (calls: [0], answers: [], passes: [100]),
      (calls: [0], answers: [99], passes: []),
      (calls: [0, 30, 60], answers: [50], passes: [130]),
      (calls: [0, 30, 60], answers: [50, 120], passes: [160]),
      (calls: [0, 120], answers: [50], passes: [220]),
      (calls: [0, 30, 60], answers: [50, 120, 150], passes: []),
    ] as [(calls: [Int64], answers: [Int64], passes: [Int64])])
  func oldest(_ item: (calls: [Int64], answers: [Int64], passes: [Int64])) throws {
    let simulation = Simulation(.init(seed: 1))
    var caller: Caller?
    try simulation.launch("p") { caller = Caller($0, calls: item.calls, answers: item.answers) }
    try simulation.run()
    #expect(caller?.passed.map { $0.nanoseconds / 1_000_000 } == item.passes)
  }

  @Test("when nothing waits, nothing is left that would keep a run from its end")
  func cancelled() throws {
    let simulation = Simulation(.init(seed: 1))
    var caller: Caller?
    try simulation.launch("p") { caller = Caller($0, calls: [0], answers: [10]) }
    try simulation.run()
    #expect(simulation.now == Instant(nanoseconds: 10_000_000))
    #expect(caller?.due == [])
  }
}
