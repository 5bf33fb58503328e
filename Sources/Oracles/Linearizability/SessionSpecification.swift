/// How one session answers the requests of the API, with the platform's own transitions between them (spec/00 C11 to
/// C16, C18; the edges of I-SESS-LEGAL).
///
/// A belief is closed under the transitions that the platform makes by itself: they may happen at any time.
struct SessionSpecification: SequentialSpecification {
  /// A state of the row; `absent`: there is none.
  enum State: Int, CaseIterable {
    case absent, pending, running, hibernating, hibernated, waking, terminating, terminated, failed

    /// Of the text in an answer or a row; nil: it is none of the contract.
    init?(text: String) {
      guard let state = Self.allCases.first(where: { $0 != .absent && $0.name == text }) else { return nil }
      self = state
    }

    var name: String { "\(self)" }
  }

  /// States that are possible together.
  struct States: OptionSet, Hashable {
    let rawValue: UInt16

    init(rawValue: UInt16) { self.rawValue = rawValue }
    init(_ states: State...) { rawValue = states.reduce(0) { $0 | 1 << UInt16($1.rawValue) } }

    static let all = States(rawValue: 1 << UInt16(State.allCases.count) - 1)
    static let final = States(.terminated, .failed)
    static let present = States(rawValue: all.rawValue & ~1)

    func contains(_ state: State) -> Bool { rawValue & 1 << UInt16(state.rawValue) != 0 }

    var names: String { State.allCases.filter { contains($0) }.map(\.name).joined(separator: " or ") }
  }

  /// What was asked and answered, as far as it tells of the state.
  enum Operation: Hashable {
    /// The row came into being: by a create that was accepted, or put in place in that state.
    case appears(State)
    /// It was answered or carried out in one of these states, and changed nothing.
    case shown(States)
    /// An accepted verb: from one of these states to another.
    case verb(Verb)
    /// Any verb may have been done: a PATCH whose body is not observed, a batch. `isCertain`: one was.
    case anyVerb(isCertain: Bool)
  }

  enum Verb: String, Hashable, CaseIterable {
    case stop, hibernate, wake

    /// From where it is legal (C13).
    var origins: States {
      switch self {
      case .stop: States(.pending, .running, .hibernating, .hibernated, .waking)
      case .hibernate: States(.running)
      case .wake: States(.hibernated)
      }
    }

    var result: State {
      switch self {
      case .stop: .terminating
      case .hibernate: .hibernating
      case .wake: .waking
      }
    }
  }

  let initial: States
  /// What each state can become by itself, itself included.
  private let closure: [States]

  /// - Parameters:
  ///   - mayIdle: The session may have been idle long enough to be hibernated (C18).
  ///   - mayBeVisited: A viewer or a connect may have woken it (C18).
  init(initial: States = States(.absent), mayIdle: Bool, mayBeVisited: Bool) {
    var edges: [(from: State, to: State)] = [
      (.pending, .running), (.pending, .failed), (.running, .failed), (.hibernating, .hibernated),
      (.hibernating, .running), (.waking, .running), (.waking, .hibernated), (.waking, .failed),
      (.terminating, .terminated),
    ]
    if mayIdle { edges.append((.running, .hibernating)) }
    if mayBeVisited { edges.append((.hibernated, .waking)) }
    var closure = State.allCases.map { States($0) }
    for _ in State.allCases {
      for edge in edges { closure[edge.from.rawValue].formUnion(closure[edge.to.rawValue]) }
    }
    self.closure = closure
    self.initial = Self.closed(initial, closure)
  }

  private static func closed(_ states: States, _ closure: [States]) -> States {
    State.allCases.reduce(into: States()) { result, state in
      if states.contains(state) { result.formUnion(closure[state.rawValue]) }
    }
  }

  func belief(after operation: Operation, from belief: States) -> States? {
    var next: States
    switch operation {
    case .appears(let state): next = belief.contains(.absent) ? States(state) : []
    case .shown(let states): next = belief.intersection(states)
    case .verb(let verb): next = belief.intersection(verb.origins).isEmpty ? [] : States(verb.result)
    case .anyVerb(let isCertain):
      next = isCertain ? [] : belief
      for verb in Verb.allCases where !belief.intersection(verb.origins).isEmpty { next.formUnion(States(verb.result)) }
    }
    next = Self.closed(next, closure)
    return next.isEmpty ? nil : next
  }

  func isObservation(_ operation: Operation) -> Bool { if case .shown = operation { true } else { false } }
}
