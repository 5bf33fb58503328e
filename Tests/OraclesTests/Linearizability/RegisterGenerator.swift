@testable import Oracles

/// Numbers from a seed (SplitMix64).
struct Dice {
  private var state: UInt64

  init(_ seed: UInt64) { state = seed }

  mutating func roll(_ count: Int) -> Int {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return Int((z ^ (z >> 31)) % UInt64(count))
  }
}

/// Histories of a register whose truth is known because of how they were made.
struct RegisterGenerator {
  private var dice: Dice

  init(_ seed: UInt64) { dice = Dice(seed) }

  /// A history that is linearizable: each operation took effect on a real register at a chosen moment between its
  /// begin and its end. Every value is written by one operation only.
  mutating func linearizable(_ count: Int, clients: Int) -> RegisterHistory {
    var free = [Int](repeating: 0, count: clients)
    var plans: [(begin: Int, point: Int, end: Int, isAnswered: Bool, kind: Int)] = []
    for _ in 0..<count {
      let client = dice.roll(clients)
      let begin = free[client] + dice.roll(5)
      let point = begin + dice.roll(20)
      let end = point + dice.roll(20)
      let isAnswered = dice.roll(8) > 0
      free[client] = end + 1
      plans.append((begin, point, end, isAnswered, dice.roll(10)))
    }
    // Moments of effect differ, so that there is one order of truth.
    let order = plans.indices.sorted { (plans[$0].point, $0) < (plans[$1].point, $1) }
    var state: Int?
    var operations = [RegisterOperation](repeating: .read(nil), count: count)
    var values: [Int] = []
    for index in order {
      let plan = plans[index]
      // What was not answered may have had no effect at all.
      let isEffective = plan.isAnswered || dice.roll(2) == 0
      let new = 100 + index
      switch plan.kind {
      case 0..<5: operations[index] = .read(state)
      case 5..<8:
        operations[index] = .write(new)
        if isEffective { state = new }
      default:
        let from = values.isEmpty || dice.roll(3) > 0 ? state ?? 7 : values[dice.roll(values.count)]
        let done = state == from
        operations[index] = .exchange(from: from, to: new, told: plan.isAnswered ? done : nil)
        if done, isEffective { state = new }
      }
      if let state { values.append(state) }
    }
    return plans.indices.map { index in
      let plan = plans[index]
      return RecordedOperation(
        operations[index], begin: .milliseconds(plan.begin), end: plan.isAnswered ? .milliseconds(plan.end) : nil)
    }
  }

  /// How a history was spoilt. Each wrong is one whatever else the history holds, since every value is written once.
  enum Wrong: Int, CaseIterable {
    /// Reads a value that nobody wrote.
    case invented
    /// Reads a value after a write that followed it was answered.
    case stale
    /// Reads a newer value, then an older one.
    case inverted
    /// Two exchanges of one value both say that they did it.
    case doubleExchange
    /// Reads an empty register after a write was answered.
    case lostWrite
  }

  /// A history that is not linearizable, from one that is, with operations put at its end.
  mutating func wrong(_ wrong: Wrong, _ count: Int, clients: Int) -> RegisterHistory {
    let added = wrong == .invented ? 1 : wrong == .lostWrite ? 2 : wrong == .doubleExchange ? 4 : 3
    var history = linearizable(max(1, count - added), clients: clients)
    let last = history.map { max($0.begin, $0.end ?? $0.begin) }.max() ?? .zero
    var time = last + .milliseconds(1 + dice.roll(5))
    func add(_ operation: RegisterOperation, overlapping: Bool = false) {
      history.append(RecordedOperation(operation, begin: time, end: time + .milliseconds(3)))
      if !overlapping { time += .milliseconds(4 + dice.roll(4)) }
    }
    switch wrong {
    case .invented: add(.read(99_999))
    case .stale:
      add(.write(50_001))
      add(.write(50_002))
      add(.read(50_001))
    case .inverted:
      let write = time
      history.append(RecordedOperation(.write(50_003), begin: write, end: write + .milliseconds(200)))
      add(.read(50_003))
      add(.read(earlierValue(in: history)))
    case .doubleExchange:
      add(.write(50_004))
      add(.exchange(from: 50_004, to: 50_005, told: true), overlapping: true)
      add(.exchange(from: 50_004, to: 50_006, told: true))
      add(.read(50_006))
    case .lostWrite:
      add(.write(50_007))
      add(.read(nil))
    }
    // Mixed, so that the place in the history tells nothing.
    for place in history.indices.reversed() { history.swapAt(place, dice.roll(place + 1)) }
    return history
  }

  /// A value that was in the register at the end at the latest, or the empty register.
  private func earlierValue(in history: RegisterHistory) -> Int? {
    for recorded in history {
      if case .write(let value) = recorded.operation, recorded.end != nil, value < 50_000 { return value }
    }
    return nil
  }

  /// Any answers at all: right or wrong, nobody knows.
  mutating func arbitrary(_ count: Int) -> RegisterHistory {
    (0..<count).map { _ in
      let begin = dice.roll(12)
      let value = 1 + dice.roll(3)
      let isAnswered = dice.roll(5) > 0
      let operation: RegisterOperation =
        switch dice.roll(4) {
        case 0, 1: .read(dice.roll(4) == 0 ? nil : value)
        case 2: .write(value)
        default: .exchange(from: 1 + dice.roll(3), to: value, told: isAnswered ? dice.roll(2) == 0 : nil)
        }
      return RecordedOperation(
        operation, begin: .milliseconds(begin), end: isAnswered ? .milliseconds(begin + dice.roll(8)) : nil)
    }
  }
}
