import TestEnvironment

/// A fault by its name on the control socket (spec/08 §5, vocabulary of spec/05 §2), with the arguments it takes.
struct FaultCommand: Sendable {
  let name: String
  /// What it takes beside `seconds`, as `list` shows it: an argument in brackets may be left out.
  let arguments: String
  let make: @Sendable (inout CommandArguments, ComponentNames) throws(CommandError) -> Fault

  private init(
    _ name: String, _ arguments: String = "",
    _ make: @escaping @Sendable (inout CommandArguments, ComponentNames) throws(CommandError) -> Fault
  ) {
    self.name = name
    self.arguments = arguments
    self.make = make
  }

  private typealias Arguments = CommandArguments

  static func named(_ name: String) throws(CommandError) -> FaultCommand {
    guard let command = all.first(where: { $0.name == name }) else {
      throw CommandError("'\(name)' is no fault; {\"list\":\"faults\"} shows them all")
    }
    return command
  }

  static let all: [FaultCommand] = redis + database + cluster + engine + workloads + network + clocks + agents

  private static let percents = 1...100
  /// Longest delay of a single call.
  private static let delays = Duration.milliseconds(1)...Duration.seconds(600)

  private static let redis = [
    FaultCommand("redis.down") { _, _ in .redisDown },
    FaultCommand("redis.restartEmpty") { _, _ in .redisRestartEmpty },
    FaultCommand("redis.evict", "key") { (a: inout Arguments, _) throws(CommandError) in
      .redisEvict(key: try a.text("key"))
    },
    FaultCommand("redis.failOver", "losing") { (a: inout Arguments, _) throws(CommandError) in
      .redisFailOver(losing: try a.seconds("losing"))
    },
    FaultCommand("redis.slow", "by") { (a: inout Arguments, _) throws(CommandError) in
      .redisSlow(by: try a.seconds("by", in: delays))
    },
    FaultCommand("redis.split", "replica") { (a: inout Arguments, names) throws(CommandError) in
      .redisSplit(replica: try names.replica(a.text("replica")))
    },
    FaultCommand("redis.losePubSub") { _, _ in .redisLosePubSub },
  ]

  private static let database = [
    FaultCommand("db.down") { _, _ in .databaseDown },
    FaultCommand("db.slow", "by") { (a: inout Arguments, _) throws(CommandError) in
      .databaseSlow(by: try a.seconds("by", in: delays))
    },
    FaultCommand("db.slowAtTimes", "percent by") { (a: inout Arguments, _) throws(CommandError) in
      .databaseSlowAtTimes(
        percent: try a.integer("percent", in: percents),
        by: try a.seconds("by", in: .milliseconds(200)...(.seconds(600))))
    },
    FaultCommand("db.commitUnknown", "percent") { (a: inout Arguments, _) throws(CommandError) in
      .databaseCommitUnknown(percent: try a.integer("percent", in: percents))
    },
  ]

  private static let cluster = [
    FaultCommand("k8s.down") { _, _ in .kubernetes(.down) },
    FaultCommand("k8s.refuse") { _, _ in .kubernetes(.refusing) },
    FaultCommand("k8s.throttle") { _, _ in .kubernetes(.throttled) },
    FaultCommand("k8s.conflict", "resource percent") { (a: inout Arguments, _) throws(CommandError) in
      .kubernetes(
        .conflicts(resource: try a.text("resource"), percent: try a.integer("percent", in: percents)))
    },
    FaultCommand("k8s.forbid", "[verb] resource") { (a: inout Arguments, _) throws(CommandError) in
      .kubernetes(.forbidden(verb: try a.optionalText("verb"), resource: try a.text("resource")))
    },
    FaultCommand("k8s.slow", "by") { (a: inout Arguments, _) throws(CommandError) in
      .kubernetes(.slow(by: try a.seconds("by", in: delays)))
    },
    FaultCommand("k8s.answersLost", "percent") { (a: inout Arguments, _) throws(CommandError) in
      .kubernetes(.answersLost(percent: try a.integer("percent", in: percents)))
    },
    FaultCommand("k8s.brownOut", "percent") { (a: inout Arguments, _) throws(CommandError) in
      .kubernetes(.brownOut(percent: try a.integer("percent", in: percents)))
    },
    FaultCommand("k8s.unschedulable") { _, _ in .kubernetes(.unschedulable) },
    FaultCommand("k8s.staleReads", "by") { (a: inout Arguments, _) throws(CommandError) in
      .kubernetes(.staleReads(by: try a.seconds("by", in: delays)))
    },
    FaultCommand("k8s.nodeNotReady") { _, _ in .kubernetes(.nodeNotReady) },
    FaultCommand("k8s.imagePull", "image by") { (a: inout Arguments, _) throws(CommandError) in
      .imagePull(image: try a.text("image"), try a.seconds("by"))
    },
    FaultCommand("k8s.imagePullFailure", "image") { (a: inout Arguments, _) throws(CommandError) in
      .imagePullFailure(image: try a.text("image"))
    },
    FaultCommand("k8s.imageUnknown", "image") { (a: inout Arguments, _) throws(CommandError) in
      .imageUnknown(image: try a.text("image"))
    },
    FaultCommand("k8s.evict", "pod") { (a: inout Arguments, names) throws(CommandError) in
      .workload(session: try names.session(ofPod: a.text("pod")), .evicted)
    },
  ]

  private static let engine = [
    docker("down") { _ in .down },
    docker("restart") { _ in .restart },
    docker("createFail") { _ in .createFails },
    docker("startFail") { _ in .startFails },
    docker("slow", "by") { (a: inout Arguments) throws(CommandError) in .slow(by: try a.seconds("by", in: delays)) },
    docker("answersLost", "percent") { (a: inout Arguments) throws(CommandError) in
      .answersLost(percent: try a.integer("percent", in: percents))
    },
    docker("errors", "percent") { (a: inout Arguments) throws(CommandError) in
      .errors(percent: try a.integer("percent", in: percents))
    },
  ]

  private static func docker(
    _ name: String, _ arguments: String = "",
    _ trouble: @escaping @Sendable (inout CommandArguments) throws(CommandError) -> DockerTrouble
  ) -> FaultCommand {
    FaultCommand("docker.\(name)", arguments.isEmpty ? "[host]" : "[host] \(arguments)") {
      (a: inout Arguments, names) throws(CommandError) in
      .docker(host: try names.engine(a.optionalText("host")), try trouble(&a))
    }
  }

  private static let workloads = [
    FaultCommand("workload.exit", "session [code]") { (a: inout Arguments, names) throws(CommandError) in
      .workload(
        session: try names.session(a.text("session")), .exits(code: try a.integer("code", in: 0...255, default: 1)))
    },
    FaultCommand("workload.oom", "session") { (a: inout Arguments, names) throws(CommandError) in
      .workload(session: try names.session(a.text("session")), .outOfMemory)
    },
    FaultCommand("workload.remove", "session") { (a: inout Arguments, names) throws(CommandError) in
      .workload(session: try names.session(a.text("session")), .removed)
    },
  ]

  private static let network = [
    between("net.cut") { .cut($0, $1) },
    between("net.cutOneWay") { .cutOneWay(from: $0, to: $1) },
    between("net.halfOpen") { .halfOpen(gone: $0, unaware: $1) },
    between("net.reset") { .reset($0, $1) },
    FaultCommand("net.slow", "a b by") { (a: inout Arguments, names) throws(CommandError) in
      .slow(
        try names.component(a.text("a")), try names.component(a.text("b")), by: try a.seconds("by", in: delays))
    },
  ]

  private static func between(_ name: String, _ fault: @escaping @Sendable (Component, Component) -> Fault)
    -> FaultCommand
  {
    FaultCommand(name, "a b") { (a: inout Arguments, names) throws(CommandError) in
      fault(try names.component(a.text("a")), try names.component(a.text("b")))
    }
  }

  private static let clocks = [
    FaultCommand("clock.skew", "name by") { (a: inout Arguments, names) throws(CommandError) in
      .skew(try names.component(a.text("name")), by: try a.seconds("by", in: .seconds(-86_400)...(.seconds(86_400))))
    },
    FaultCommand("clock.drift", "name ppm") { (a: inout Arguments, names) throws(CommandError) in
      .drift(try names.component(a.text("name")), ppm: try a.integer("ppm", in: -500_000...1_000_000))
    },
  ]

  private static let agents = [
    FaultCommand("agent.loseAck", "agent") { (a: inout Arguments, names) throws(CommandError) in
      .loseAck(agent: try names.agent(a.text("agent")))
    },
    FaultCommand("agent.delayHeartbeat", "agent gap") { (a: inout Arguments, names) throws(CommandError) in
      .delayHeartbeat(agent: try names.agent(a.text("agent")), gap: try a.seconds("gap", in: delays))
    },
  ]
}
