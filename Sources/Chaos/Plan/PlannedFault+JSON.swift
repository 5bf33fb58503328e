import StreamSpaceProtocol
import TestEnvironment

extension PlannedFault {
  var planJSON: JSONObject {
    var object = JSONObject()
    object.add("at", SpanText.text(of: at))
    object.add("lasts", SpanText.text(of: lasts))
    object.add("kind", what.kind)
    what.write(to: &object)
    if !recipe.isEmpty { object.add("recipe", recipe) }
    return object
  }

  init(_ reader: PlanReader) throws(ChaosPlanError) {
    let recipe = reader.has("recipe") ? try reader.text("recipe") : ""
    guard recipe.utf8.count <= 100 else { throw ChaosPlanError(reader.field("recipe"), "it is too long") }
    let what = try ChaosFault(reader)
    self.init(at: try reader.span("at"), lasts: try reader.span("lasts"), what, recipe: recipe)
    try reader.allow(planJSON.members.map(\.key) + ["recipe"])
  }
}

extension ChaosFault {
  /// How plans and reports call it: `kill`, `cut`, `redis-down`.
  public var kind: String {
    switch self {
    case .kill: "kill"
    case .pause: "pause"
    case .cut: "cut"
    case .cutOneWay: "cut-one-way"
    case .halfOpen: "half-open"
    case .reset: "reset"
    case .slow: "slow"
    case .redisDown: "redis-down"
    case .redisRestartEmpty: "redis-restart-empty"
    case .redisEvictRoute: "redis-evict-route"
    case .redisSlow: "redis-slow"
    case .redisLosePubSub: "redis-lose-pubsub"
    case .databaseDown: "database-down"
    case .databaseSlow: "database-slow"
    case .dispatcherSlow: "dispatcher-slow"
    case .databaseRequest: "database-request"
    case .kubernetes: "kubernetes"
    case .docker: "docker"
    case .skew: "skew"
    case .drift: "drift"
    case .loseAck: "lose-ack"
    case .killAtStep: "kill-at-step"
    }
  }

  fileprivate func write(to object: inout JSONObject) {
    func ends(_ a: ChaosTarget, _ b: ChaosTarget) -> JSONValue { [.string(a.text), .string(b.text)] }
    switch self {
    case .kill(let target, let death):
      object.add("target", target.text)
      object.add("death", death.rawValue)
    case .pause(let target): object.add("target", target.text)
    case .cut(let a, let b), .reset(let a, let b): object.add("between", ends(a, b))
    case .cutOneWay(let from, let to):
      object.add("from", from.text)
      object.add("to", to.text)
    case .halfOpen(let gone, let unaware):
      object.add("gone", gone.text)
      object.add("unaware", unaware.text)
    case .slow(let a, let b, let span):
      object.add("between", ends(a, b))
      object.add("by", SpanText.text(of: span))
    case .redisSlow(let span), .databaseSlow(let span), .dispatcherSlow(let span):
      object.add("by", SpanText.text(of: span))
    case .redisDown, .redisRestartEmpty, .redisLosePubSub, .databaseDown: break
    case .redisEvictRoute(let agent), .loseAck(let agent): object.add("agent", agent)
    case .databaseRequest(let replica, let number, let trouble):
      object.add("replica", replica)
      object.add("number", number)
      object.add("trouble", trouble.planText)
    case .kubernetes(let trouble): trouble.write(to: &object)
    case .docker(let agent, let trouble):
      object.add("agent", agent)
      trouble.write(to: &object)
    case .skew(let target, let span):
      object.add("target", target.text)
      object.add("by", SpanText.text(of: span))
    case .drift(let target, let ppm):
      object.add("target", target.text)
      object.add("ppm", ppm)
    case .killAtStep(let agent, let command, let step, let death):
      object.add("agent", agent)
      object.add("command", command)
      object.add("step", step.rawValue)
      object.add("death", death.rawValue)
    }
  }

  private static let agents = 0...49
  /// Ten per cent: far beyond any clock.
  private static let rates = -100_000...100_000

  fileprivate init(_ reader: PlanReader) throws(ChaosPlanError) {
    let kind = try reader.text("kind")
    switch kind {
    case "kill": self = .kill(try reader.target("target"), try reader.choice("death"))
    case "pause": self = .pause(try reader.target("target"))
    case "cut":
      let (a, b) = try reader.ends("between")
      self = .cut(a, b)
    case "cut-one-way": self = .cutOneWay(from: try reader.target("from"), to: try reader.target("to"))
    case "half-open": self = .halfOpen(gone: try reader.target("gone"), unaware: try reader.target("unaware"))
    case "reset":
      let (a, b) = try reader.ends("between")
      self = .reset(a, b)
    case "slow":
      let (a, b) = try reader.ends("between")
      self = .slow(a, b, by: try reader.span("by"))
    case "redis-down": self = .redisDown
    case "redis-restart-empty": self = .redisRestartEmpty
    case "redis-evict-route": self = .redisEvictRoute(agent: try reader.number("agent", in: Self.agents))
    case "redis-slow": self = .redisSlow(by: try reader.span("by"))
    case "redis-lose-pubsub": self = .redisLosePubSub
    case "database-down": self = .databaseDown
    case "database-slow": self = .databaseSlow(by: try reader.span("by"))
    case "dispatcher-slow": self = .dispatcherSlow(by: try reader.span("by"))
    case "database-request":
      let text = try reader.text("trouble")
      guard let trouble = DatabaseTrouble(planText: text) else {
        throw ChaosPlanError(reader.field("trouble"), "'\(text)' is no trouble of a request")
      }
      self = .databaseRequest(
        replica: try reader.number("replica", in: 0...19), number: try reader.number("number", in: 1...1_000_000),
        trouble)
    case "kubernetes": self = .kubernetes(try KubernetesTrouble(reader))
    case "docker": self = .docker(agent: try reader.number("agent", in: Self.agents), try DockerTrouble(reader))
    case "skew": self = .skew(try reader.target("target"), by: try reader.span("by", signed: true))
    case "drift": self = .drift(try reader.target("target"), ppm: try reader.number("ppm", in: Self.rates))
    case "lose-ack": self = .loseAck(agent: try reader.number("agent", in: Self.agents))
    case "kill-at-step":
      self = .killAtStep(
        agent: try reader.number("agent", in: Self.agents), command: try reader.text("command"),
        try reader.choice("step"), try reader.choice("death"))
    default: throw ChaosPlanError(reader.field("kind"), "'\(kind)' is no kind of fault")
    }
  }
}
