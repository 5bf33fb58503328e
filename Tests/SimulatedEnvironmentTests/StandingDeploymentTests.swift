import SimulationRuntime
import StreamSpaceProtocol
import TestEnvironment
import Testing

@testable import SimulatedEnvironment

@Suite("A deployment that stands until it is stopped")
struct StandingDeploymentTests {
  /// 2031-03-04T00:00:00Z.
  private static let today: Int64 = 1_930_348_800_000_000_000

  private final class Stand {
    let simulation = Simulation(.init(seed: 1))
    let deployment: StandingDeployment

    init(_ topology: Topology = .t3) throws {
      deployment = try StandingDeployment(
        topology, profile: .contract, now: StandingDeploymentTests.today, in: simulation)
      try simulation.run(for: .seconds(20))
    }

    deinit { simulation.tearDown() }

    func ask(_ line: String) -> JSONValue { deployment.answer(Array(line.utf8)).answer }
    func error(_ line: String) -> String? { ask(line)["error"]?.text }
    func isReady(_ replica: String) -> Bool? {
      ask(#"{"state":"replicas"}"#)["replicas"]?.elements?.first { $0["replica"]?.text == replica }?["ready"]?.flag
    }
    func holder() -> String? { ask(#"{"state":"agents"}"#)["agents"]?.elements?.first?["replica"]?.text }
  }

  @Test("its clocks show the time of day, and its replicas and agents are ready")
  func stands() throws {
    let stand = try Stand()
    #expect(
      stand.simulation.host("api-1").localTime.nanoseconds + Epoch.unixSeconds * 1_000_000_000
        == Self.today + 20_000_000_000)
    for replica in ["api-1", "api-2", "api-3"] { #expect(stand.isReady(replica) == true) }
    #expect(stand.holder() != nil)
    #expect(stand.deployment.ends.replicas.map(\.name) == ["api-1", "api-2", "api-3"])
  }

  @Test("a fault by name begins, is listed with what it touched, and ends by itself or by hand")
  func faults() throws {
    let stand = try Stand()
    #expect(stand.ask(#"{"fault":"redis.down","seconds":5}"#) == ["ok": true, "fault": 1])
    #expect(stand.ask(#"{"fault":"net.slow","a":"api-1","b":"database","by":0.05}"#)["fault"] == 2)
    try stand.simulation.run(for: .seconds(3))
    let open = try #require(stand.ask(#"{"state":"faults"}"#)["faults"]?.elements)
    #expect(open.map { $0["name"]?.text } == ["redis.down", "net.slow"])
    #expect(open.allSatisfy { ($0["touched"]?.integer ?? 0) > 0 })
    try stand.simulation.run(for: .seconds(3))
    #expect(stand.ask(#"{"state":"faults"}"#)["faults"]?.elements?.count == 1)
    #expect(stand.ask(#"{"end":2}"#) == ["ok": true])
    #expect(stand.ask(#"{"state":"faults"}"#)["faults"] == [])
    #expect(stand.error(#"{"end":2}"#) != nil)
  }

  @Test("a crashed replica is back after the seconds that were given")
  func process() throws {
    let stand = try Stand()
    #expect(
      stand.ask(#"{"fault":"process.crash","name":"api-2","seconds":10}"#) == ["ok": true, "processes": ["api-2"]])
    try stand.simulation.run(for: .seconds(5))
    #expect(stand.isReady("api-2") == false)
    try stand.simulation.run(for: .seconds(20))
    #expect(stand.isReady("api-2") == true)
  }

  @Test("a paused holder loses its agent to another replica")
  func pause() throws {
    let stand = try Stand()
    let holder = try #require(stand.holder())
    #expect(stand.ask(#"{"fault":"process.pause","name":"\#(holder)"}"#)["ok"] == true)
    try stand.simulation.run(for: .seconds(90))
    #expect(stand.holder() != holder)
  }

  @Test("every fault of the list can be begun with its arguments, and heals", arguments: FaultCommand.all.map(\.name))
  func everyFault(name: String) throws {
    let stand = try Stand(.tx)
    let command = try FaultCommand.named(name)
    let values: [String: String] = [
      "key": #""agent:k8s-a1:pod""#, "losing": "1", "by": "0.5", "replica": #""api-1""#, "percent": "50",
      "resource": #""leases""#, "image": #""example.invalid/xterm-vnc:1""#, "host": #""docker-1""#, "a": #""api-1""#,
      "b": #""redis""#, "name": #""api-1""#, "ppm": "100", "agent": #""k8s-a1""#, "gap": "40",
    ]
    let wanted = command.arguments.split(separator: " ").map { $0.filter { $0 != "[" && $0 != "]" } }
    // A fault of a workload needs one; these say so.
    let needsWorkload = name.hasPrefix("workload.") || ["k8s.evict", "k8s.nodeNotReady"].contains(name)
    let members = wanted.map { "\"\($0)\":\(values[$0] ?? #""nobody""#)" }.filter { !$0.contains("verb") }
    let line =
      "{" + (["\"fault\":\"\(name)\""] + members.filter { !$0.hasPrefix("\"code\"") }).joined(separator: ",") + "}"
    let answer = stand.ask(line)
    #expect((answer["ok"] == true) == !needsWorkload, "\(line): \(answer)")
    #expect(stand.ask(#"{"end":"all"}"#) == ["ok": true])
    try stand.simulation.run(for: .seconds(30))
    #expect(stand.ask(#"{"state":"faults"}"#)["faults"] == [])
  }

  @Test(
    "a wrong command is refused with what is wrong",
    arguments: [
      ("", "no JSON"), ("[1]", "JSON object"), (#"{"fault":"redis.down","list":"faults"}"#, "one of"),
      (#"{"go":1}"#, "one of"), (#"{"fault":"redis.dwon"}"#, "'redis.dwon' is no fault"),
      (#"{"fault":"redis.evict"}"#, "'key' is missing"), (#"{"fault":"redis.evict","key":7}"#, "'key' must be a text"),
      (#"{"fault":"redis.down","seconds":"5"}"#, "'seconds' must be a number"),
      (#"{"fault":"redis.down","seconds":-1}"#, "'seconds' must be"),
      (#"{"fault":"redis.down","second":5}"#, "'second' is not known here"),
      (#"{"fault":"db.commitUnknown","percent":101}"#, "'percent' must be a whole number, 1 to 100"),
      (#"{"fault":"net.cut","a":"api-1","b":"api-9"}"#, "no 'api-9'; it has api-1"),
      (#"{"fault":"docker.down"}"#, "no Docker host"), (#"{"fault":"process.hang","name":"api-1"}"#, "process.pause"),
      (#"{"fault":"process.resume","name":"api-1","seconds":3}"#, "does not last"),
      (#"{"fault":"k8s.conflict","resource":"cats","percent":3}"#, "cats"),
      (#"{"state":"weather"}"#, "'state' is"), (#"{"list":7}"#, "'list' is"), (#"{"stop":1}"#, "'stop' must be true"),
      (#"{"end":99}"#, "'end' is"), (#"{"state":"agents","x":1}"#, "'x' is not known here"),
    ])
  func refused(line: String, reason: String) throws {
    let stand = try Stand()
    let answer = stand.ask(line)
    #expect(answer["ok"] == false)
    #expect(answer["error"]?.text?.contains(reason) == true, "\(answer)")
    #expect(stand.ask(#"{"state":"faults"}"#)["faults"] == [])
  }

  @Test("it is told to stop by one line only")
  func stop() throws {
    let stand = try Stand()
    #expect(stand.deployment.answer(Array(#"{"stop":true}"#.utf8)).isLast)
    #expect(!stand.deployment.answer(Array(#"{"list":"faults"}"#.utf8)).isLast)
  }
}
