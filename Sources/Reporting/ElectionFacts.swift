import Oracles
import TestEnvironment

/// What a run shows of the election of one agent: who held the lock, who led, who could act, and when.
struct ElectionFacts {
  /// A time in which something held, up to the end of the run if it never ceased.
  struct Span: Equatable {
    var instance: String
    var term: Int64
    var start: Duration
    var end: Duration
  }

  let agent: String
  /// In the order of their names.
  let instances: [String]
  /// Who the lock named.
  let held: [Span]
  /// Who led, by its own account.
  let led: [Span]
  let paused: [Span]
  let down: [Span]

  /// The facts of each agent of the run whose lock or leaders were observed, in order of their ids.
  static func all(of run: CaseRun) -> [ElectionFacts] {
    var agents: [String] = []
    for event in run.observations {
      switch event.observation {
      case .lockChanged(let agent, _, _), .leadership(let agent, _, _, _, _):
        if !agents.contains(agent) { agents.append(agent) }
      default: break
      }
    }
    return agents.sorted().map { ElectionFacts(agent: $0, run: run) }
  }

  init(agent: String, run: CaseRun) {
    self.agent = agent
    let end = max(run.virtualTime, run.observations.last?.time ?? .zero)
    var held = Tracks()
    var led = Tracks()
    var paused = Tracks()
    var down = Tracks()
    var names: [String] = []
    func note(_ instance: String) { if !names.contains(instance) { names.append(instance) } }
    for event in run.observations {
      switch event.observation {
      case .lockChanged(agent, let holder, let term):
        held.closeAll(at: event.time, but: holder)
        if let holder, !holder.isEmpty {
          note(holder)
          held.open(holder, term, at: event.time)
        }
      case .leadership(agent, let instance, let term, let isLeading, _):
        note(instance)
        led.close(instance, at: event.time)
        if isLeading { led.open(instance, term, at: event.time) }
      case .processStarted(let process):
        if Self.isProcess(process, of: agent) { note(process) }
        down.close(process, at: event.time)
      case .processEnded(let process, _, _):
        led.close(process, at: event.time)
        paused.close(process, at: event.time)
        down.open(process, 0, at: event.time)
      case .processPaused(let process): paused.open(process, 0, at: event.time)
      case .processResumed(let process): paused.close(process, at: event.time)
      default: break
      }
    }
    instances = names.sorted()
    self.held = held.finished(at: end)
    self.led = led.finished(at: end)
    self.paused = paused.finished(at: end).filter { names.contains($0.instance) }
    self.down = down.finished(at: end).filter { names.contains($0.instance) }
  }

  private static func isProcess(_ process: String, of agent: String) -> Bool {
    process.hasPrefix("agent-\(agent)-") && process.dropFirst("agent-\(agent)-".count).allSatisfy(\.isNumber)
  }

  /// When each process could act: it led and was not paused.
  var authority: [Span] { led.flatMap { span in paused.reduce([span]) { Self.subtract($1, from: $0) } } }

  private static func subtract(_ gap: Span, from spans: [Span]) -> [Span] {
    spans.flatMap { span -> [Span] in
      guard gap.instance == span.instance, gap.start < span.end, span.start < gap.end else { return [span] }
      var rest: [Span] = []
      if span.start < gap.start {
        rest.append(Span(instance: span.instance, term: span.term, start: span.start, end: gap.start))
      }
      if gap.end < span.end {
        rest.append(Span(instance: span.instance, term: span.term, start: gap.end, end: span.end))
      }
      return rest
    }
  }

  /// How long both could act.
  func overlap(_ a: String, _ b: String) -> Duration {
    let (mine, others) = (authority.filter { $0.instance == a }, authority.filter { $0.instance == b })
    var total = Duration.zero
    for x in mine {
      for y in others { total += max(.zero, min(x.end, y.end) - max(x.start, y.start)) }
    }
    return total
  }

  /// The longest time between two leaders in which nobody could act.
  var longestGap: Duration {
    let spans = authority.sorted { ($0.start, $0.instance) < ($1.start, $1.instance) }
    var gap = Duration.zero
    var reached = spans.first?.end ?? .zero
    for span in spans.dropFirst() {
      gap = max(gap, span.start - reached)
      reached = max(reached, span.end)
    }
    return gap
  }

  /// Elections after the first.
  var changes: Int {
    max(0, led.count { span in !led.contains { $0.end == span.start && $0.instance == span.instance } } - 1)
  }

  /// Spans under construction.
  private struct Tracks {
    private var spans: [Span] = []
    private var open: [Int] = []

    mutating func open(_ instance: String, _ term: Int64, at time: Duration) {
      if let place = open.first(where: { spans[$0].instance == instance }) {
        guard spans[place].term != term else { return }
        close(instance, at: time)
      }
      open.append(spans.count)
      spans.append(Span(instance: instance, term: term, start: time, end: time))
    }

    mutating func close(_ instance: String, at time: Duration) {
      guard let index = open.firstIndex(where: { spans[$0].instance == instance }) else { return }
      spans[open.remove(at: index)].end = time
    }

    mutating func closeAll(at time: Duration, but holder: String?) {
      for place in open where spans[place].instance != holder { spans[place].end = time }
      open.removeAll { spans[$0].instance != holder }
    }

    func finished(at end: Duration) -> [Span] {
      var result = spans
      for place in open { result[place].end = end }
      return result
    }
  }
}
