import Testing

@testable import Oracles

@Suite("Linearizability checker")
struct LinearizabilityCheckerTests {
  private func recorded(_ operation: RegisterOperation, _ begin: Int, _ end: Int?) -> RecordedOperation<
    RegisterOperation
  > {
    RecordedOperation(operation, begin: .milliseconds(begin), end: end.map { .milliseconds($0) })
  }

  private func isWrong(_ verdict: LinearizabilityVerdict) -> Bool {
    if case .notLinearizable = verdict { true } else { false }
  }

  @Test("an empty history is linearizable")
  func empty() {
    #expect(checkRegister([]) == .linearizable(order: []))
  }

  @Test("a read that overlaps a write may see either value, and none later may see the older one")
  func overlap() {
    let write = recorded(.write(1), 0, 10)
    #expect(!isWrong(checkRegister([write, recorded(.read(1), 2, 4)])))
    #expect(!isWrong(checkRegister([write, recorded(.read(nil), 2, 4)])))
    #expect(isWrong(checkRegister([write, recorded(.read(1), 2, 4), recorded(.read(nil), 5, 7)])))
    #expect(isWrong(checkRegister([write, recorded(.read(nil), 11, 12)])))
    // Operations that touch count as concurrent.
    #expect(!isWrong(checkRegister([write, recorded(.read(nil), 10, 12)])))
  }

  @Test("a write that changes nothing at once may be wanted after another")
  func idleWrite() {
    let history = [
      recorded(.write(1), 0, 1), recorded(.write(1), 2, 10), recorded(.write(2), 2, 10), recorded(.read(1), 11, 12),
    ]
    #expect(!isWrong(checkRegister(history)))
  }

  @Test("an unanswered write may take effect at any later time, or never")
  func unanswered() {
    let lost = recorded(.write(1), 0, nil)
    #expect(!isWrong(checkRegister([lost, recorded(.read(nil), 5, 6)])))
    #expect(!isWrong(checkRegister([lost, recorded(.read(nil), 5, 6), recorded(.read(1), 1_000, 1_001)])))
    #expect(isWrong(checkRegister([lost, recorded(.read(1), 5, 6), recorded(.read(nil), 7, 8)])))
    // It takes effect once: what was written since does not go back to it again.
    let history = [
      lost, recorded(.read(1), 5, 6), recorded(.write(2), 7, 8), recorded(.read(1), 9, 10),
    ]
    #expect(isWrong(checkRegister(history)))
    #expect(!isWrong(checkRegister(history + [recorded(.write(1), 6, nil)])))
  }

  @Test("the longest order and the operation that fits nowhere are told")
  func counterexample() {
    let history = [
      recorded(.write(1), 0, 1), recorded(.write(2), 2, 3), recorded(.read(2), 4, 5), recorded(.read(1), 6, 7),
      recorded(.read(2), 8, 9),
    ]
    #expect(checkRegister(history) == .notLinearizable(order: [0, 1, 2], stuck: 3))
  }

  @Test("histories made on a real register are found linearizable, with an order that explains them", arguments: 1...50)
  func right(seed: Int) throws {
    var generator = RegisterGenerator(UInt64(seed))
    let history = generator.linearizable(5 + seed * 55 / 50, clients: 2 + seed % 6)
    guard case .linearizable(let order) = checkRegister(history) else {
      Issue.record("\(checkRegister(history)): \(history.map(\.operation))")
      return
    }
    #expect(explains(order, history))
  }

  @Test("histories with a wrong in them are found not linearizable", arguments: 1...50)
  func wrong(seed: Int) {
    var generator = RegisterGenerator(UInt64(seed))
    let wrong = RegisterGenerator.Wrong.allCases[seed % RegisterGenerator.Wrong.allCases.count]
    let history = generator.wrong(wrong, 5 + seed * 55 / 50, clients: 2 + seed % 6)
    #expect((5...60).contains(history.count))
    #expect(isWrong(checkRegister(history)), "\(wrong): \(history.map(\.operation))")
  }

  @Test("each kind of wrong is one by force too", arguments: RegisterGenerator.Wrong.allCases)
  func wrongByForce(_ wrong: RegisterGenerator.Wrong) {
    for seed in 1...40 {
      var generator = RegisterGenerator(UInt64(seed))
      let history = generator.wrong(wrong, 7, clients: 3)
      #expect(!isLinearizableByForce(history))
    }
  }

  @Test("small histories are judged as force judges them", arguments: 1...20)
  func force(batch: Int) {
    var counts = [0, 0]
    for index in 0..<250 {
      var generator = RegisterGenerator(UInt64(batch * 1_000 + index))
      let history = generator.arbitrary(2 + index % 5)
      let truth = isLinearizableByForce(history)
      counts[truth ? 1 : 0] += 1
      switch checkRegister(history) {
      case .linearizable(let order): #expect(truth && explains(order, history))
      case .notLinearizable: #expect(!truth, "\(history.map { ($0.operation, $0.begin, $0.end) })")
      case .unknown: Issue.record("the budget was spent")
      }
    }
    // Both verdicts are met often enough to say something.
    #expect(counts.allSatisfy { $0 > 25 }, "\(counts)")
  }

  @Test("a budget that is spent gives no verdict")
  func budget() {
    var generator = RegisterGenerator(3)
    let history = generator.linearizable(40, clients: 5)
    #expect(checkRegister(history, budget: 3) == .unknown(steps: 3))
  }

  @Test("many unanswered operations of one kind cost no more than one")
  func twins() {
    var history = (0..<40).map { recorded(.exchange(from: 1, to: 2, told: nil), $0, nil) }
    history += [recorded(.write(1), 50, 51), recorded(.read(1), 52, 53), recorded(.read(2), 54, 55)]
    history.append(recorded(.read(1), 56, 57))
    #expect(isWrong(checkRegister(history, budget: 300)))
  }

  @Test("keys are judged apart")
  func partition() {
    let history = [
      RecordedOperation("a", begin: .zero, end: .seconds(1)),
      RecordedOperation("b", begin: .zero, end: .seconds(1)), RecordedOperation("a", begin: .seconds(2), end: nil),
    ]
    let parts = partitioned(history) { $0 }
    #expect(parts.map(\.key) == ["a", "b"])
    #expect(parts.map(\.positions) == [[0, 2], [1]])
  }
}
