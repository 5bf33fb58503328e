@testable import Oracles

/// What a client of a register asked and was told.
enum RegisterOperation: Equatable, CustomStringConvertible {
  /// Nil: the register was empty.
  case read(Int?)
  case write(Int)
  /// `told`: whether it said that it exchanged the value; nil: it said nothing.
  case exchange(from: Int, to: Int, told: Bool?)

  var description: String {
    switch self {
    case .read(let value): "read \(value.map(String.init) ?? "-")"
    case .write(let value): "write \(value)"
    case .exchange(let from, let to, let told):
      "exchange \(from) for \(to): \(told.map { $0 ? "done" : "not done" } ?? "no answer")"
    }
  }
}

/// A register with compare-and-set, which begins empty: −1 stands for empty.
struct RegisterSpecification: StateSpecification {
  var initial: [Int] { [-1] }

  func states(after operation: RegisterOperation, from state: Int) -> [Int] {
    switch operation {
    case .read(let value): return state == value ?? -1 ? [state] : []
    case .write(let value): return [value]
    case .exchange(let from, let to, let told):
      let done = state == from
      if let told, told != done { return [] }
      return [done ? to : state]
    }
  }

  func isObservation(_ operation: RegisterOperation) -> Bool {
    switch operation {
    case .read, .exchange(_, _, told: false): true
    case .write, .exchange: false
    }
  }
}

typealias RegisterHistory = [RecordedOperation<RegisterOperation>]

func checkRegister(_ history: RegisterHistory, budget: Int = 100_000) -> LinearizabilityVerdict {
  LinearizabilityChecker(SubsetSpecification(RegisterSpecification()), budget: budget).check(history)
}

/// Whether the order that a verdict gives really explains the history.
func explains(_ order: [Int], _ history: RegisterHistory) -> Bool {
  guard Set(order).count == order.count, history.indices.allSatisfy({ history[$0].end == nil || order.contains($0) })
  else { return false }
  var state = -1
  for (place, index) in order.enumerated() {
    guard let next = RegisterSpecification().states(after: history[index].operation, from: state).first else {
      return false
    }
    state = next
    // Nothing that comes later in the order was answered before this one was asked.
    for later in order[place...] {
      if let end = history[later].end, end < history[index].begin { return false }
    }
  }
  return true
}

/// All orders of all subsets that hold at least what was answered: small histories only.
func isLinearizableByForce(_ history: RegisterHistory) -> Bool {
  func search(_ placed: Int, _ state: Int) -> Bool {
    if history.indices.allSatisfy({ placed & (1 << $0) != 0 || history[$0].end == nil }) { return true }
    for index in history.indices where placed & (1 << index) == 0 {
      let isFirst = history.indices.allSatisfy { other in
        guard other != index, placed & (1 << other) == 0, let end = history[other].end else { return true }
        return end >= history[index].begin
      }
      guard isFirst else { continue }
      for next in RegisterSpecification().states(after: history[index].operation, from: state)
      where search(placed | 1 << index, next) { return true }
    }
    return false
  }
  return search(0, -1)
}
