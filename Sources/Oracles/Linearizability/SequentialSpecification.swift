/// How an object behaves that does one operation at a time: what a history is compared with.
package protocol SequentialSpecification {
  /// What was asked and what was answered.
  associatedtype Operation: Equatable
  /// What may be known of the state: where an operation, or the object by itself, can lead to several states, a belief
  /// holds them all.
  associatedtype Belief: Hashable

  var initial: Belief { get }

  /// The belief after `operation`; nil: from no state of `belief` could it have ended so.
  ///
  /// It must be monotone: from more states, no fewer result.
  func belief(after operation: Operation, from belief: Belief) -> Belief?

  /// Whether the operation never changes the object: its answer only narrows what is believed.
  func isObservation(_ operation: Operation) -> Bool
}

/// A specification by single states, each of which may have several next ones.
package protocol StateSpecification {
  associatedtype Operation: Equatable
  /// Comparable, so that a set of states has one notation.
  associatedtype State: Hashable & Comparable

  /// All states that the object may begin in.
  var initial: [State] { get }

  /// The states that `operation` may lead to from `state`; empty: it could not have ended so.
  func states(after operation: Operation, from state: State) -> [State]

  /// Whether the operation never changes the state, whatever it is.
  func isObservation(_ operation: Operation) -> Bool
}

/// The states of a ``StateSpecification`` taken together.
package struct SubsetSpecification<States: StateSpecification>: SequentialSpecification {
  private let states: States

  package init(_ states: States) { self.states = states }

  package var initial: [States.State] { Self.ordered(states.initial) }

  package func belief(after operation: States.Operation, from belief: [States.State]) -> [States.State]? {
    let next = Self.ordered(belief.flatMap { states.states(after: operation, from: $0) })
    return next.isEmpty ? nil : next
  }

  package func isObservation(_ operation: States.Operation) -> Bool { states.isObservation(operation) }

  private static func ordered(_ states: [States.State]) -> [States.State] {
    guard states.count > 1 else { return states }
    var result: [States.State] = []
    for state in states.sorted() where result.last != state { result.append(state) }
    return result
  }
}
