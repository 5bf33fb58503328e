import Synchronization

/// What the engine did with each fault of a plan, written down while the run goes on. The environment's own ledger says
/// what each touched. Safe from several threads, because live runs have them.
public final class ChaosLog: Sendable {
  /// What became of one fault.
  public struct Entry: Sendable, Equatable {
    /// Why it was not begun by intent; nil: it was not withheld.
    public var withheld: String?
    /// Why it could not be begun; nil: it could.
    public var impossible: String?
    /// Spans of the environment that carried it out, by the name that ``Observation/faultBegan(name:fault:)`` bears and
    /// the time of their beginning.
    public var begun: [(name: String, time: Duration)] = []
    /// Processes that it ended or paused.
    public var struck = 0

    public static func == (left: Entry, right: Entry) -> Bool {
      left.withheld == right.withheld && left.impossible == right.impossible && left.struck == right.struck
        && left.begun.elementsEqual(right.begun) { $0.name == $1.name && $0.time == $1.time }
    }
  }

  private let entries: Mutex<[Entry]>
  private let start = Mutex<Duration?>(nil)

  public init(faults: Int) { entries = Mutex(Array(repeating: Entry(), count: faults)) }

  /// One for each fault of the plan, in its order.
  public var faults: [Entry] { entries.withLock(\.self) }
  /// When the load began, since the start of the run; nil: it never did.
  public var loadBegan: Duration? { start.withLock(\.self) }

  func change(_ index: Int, _ change: (inout Entry) -> Void) { entries.withLock { change(&$0[index]) } }
  func began(at time: Duration) { start.withLock { $0 = time } }

  /// The fate of each fault. `touched`: what the environment's ledger counted for a span, by its name and beginning;
  /// nil: it keeps no such ledger, and what was begun counts as effective.
  public func effects(of plan: ChaosPlan, touched: ((_ name: String, _ time: Duration) -> Int)?) -> [FaultEffect] {
    zip(plan.faults, faults).map { fault, entry in
      if let reason = entry.withheld { return FaultEffect(name: fault.name, fate: .withheld(reason)) }
      if let reason = entry.impossible { return FaultEffect(name: fault.name, fate: .impossible(reason)) }
      let spans = entry.begun.reduce(0) { $0 + (touched?($1.name, $1.time) ?? 1) }
      let count = entry.struck + spans
      return FaultEffect(name: fault.name, fate: count > 0 ? .effective(touched: count) : .inert)
    }
  }
}

extension PlannedFault {
  /// `kill leader of agent 0 (crash) at 12.5 s`, and the recipe it belongs to.
  public var name: String {
    let sentence = "\(what.sentence) at \(SpanText.text(of: at))"
    return recipe.isEmpty ? sentence : "\(recipe): \(sentence)"
  }
}

extension ChaosFault {
  /// In words: `kill leader of agent 0 (crash)`.
  public var sentence: String {
    switch self {
    case .kill(let target, let death): "kill \(target.text) (\(death.rawValue))"
    case .pause(let target): "pause \(target.text)"
    case .cut(let a, let b): "cut \(a.text) and \(b.text)"
    case .cutOneWay(let from, let to): "cut the way from \(from.text) to \(to.text)"
    case .halfOpen(let gone, let unaware): "half-open: \(gone.text) gone, \(unaware.text) unaware"
    case .reset(let a, let b): "reset \(a.text) and \(b.text)"
    case .slow(let a, let b, let span): "slow \(a.text) and \(b.text) by \(SpanText.text(of: span))"
    case .redisDown, .redisRestartEmpty, .redisLosePubSub, .databaseDown: kind
    case .redisEvictRoute(let agent): "\(kind) of agent \(agent)"
    case .redisSlow(let span), .databaseSlow(let span), .dispatcherSlow(let span):
      "\(kind) by \(SpanText.text(of: span))"
    case .databaseRequest(let replica, let number, let trouble):
      "\(kind) \(number) of replica \(replica): \(trouble.planText)"
    case .kubernetes(let trouble): "kubernetes: \(trouble)"
    case .docker(let agent, let trouble): "docker of agent \(agent): \(trouble)"
    case .skew(let target, let span): "skew \(target.text) by \(SpanText.text(of: span))"
    case .drift(let target, let ppm): "drift \(target.text) by \(ppm) ppm"
    case .loseAck(let agent): "\(kind) of agent \(agent)"
    case .killAtStep(let agent, let command, let step, let death):
      "kill agent \(agent) at step \(step.rawValue) of \(command) (\(death.rawValue))"
    }
  }
}
