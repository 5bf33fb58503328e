#if Live
  import Foundation
  import Testing

  @testable import LiveEnvironment

  @Suite("Drivers act only on what safety.allow names")
  struct ComponentDriversTests {
    private static func file(_ text: String) throws -> EnvironmentFile {
      try EnvironmentFile.parse(
        Data(("version: 1\nname: x\n" + text).utf8), file: "f", variables: ["PW": "s3cret-value"])
    }

    @Test("a component that is not in safety.allow is not touched")
    func allow() throws {
      let scratch = try Scratch()
      let (one, two) = (try Sleeper(), try Sleeper())
      try scratch.write("api-1.pid", "\(one.pid)")
      try scratch.write("api-2.pid", "\(two.pid)")
      let file = try Self.file(
        """
        api:
          replicas:
            - {name: api-1, url: "http://127.0.0.1:1", driver: local}
            - {name: api-2, url: "http://127.0.0.1:2", driver: local}
            - {name: api-3, url: "http://127.0.0.1:3"}
        drivers:
          local: {kind: process, pidFile: "\(scratch.path("{target}.pid"))"}
        safety: {allow: [api-2, api-3]}
        """)
      let drivers = ComponentDrivers(file) { _ in true }
      #expect(throws: DriverError.notAllowed(component: "api-1")) { try drivers.perform(.kill, on: "api-1") }
      #expect(throws: DriverError.unknown(component: "api-9")) { try drivers.perform(.kill, on: "api-9") }
      #expect(throws: DriverError.self) { try drivers.perform(.kill, on: "api-3") }
      #expect(one.isRunning)
      #expect(
        drivers.offers == [
          ComponentOffer("api-1", [], reason: "not in safety.allow"),
          ComponentOffer("api-2", [.stop, .kill, .pause, .resume], reason: "driver local has no start command"),
        ])
      try drivers.perform(.kill, on: "api-2")
      #expect(two.ending == 128 + SIGKILL)
      #expect(one.isRunning)
    }

    /// A file whose Redis is a container, with a stand-in for the docker command line.
    private static func container(_ scratch: Scratch, _ script: String) throws -> ComponentDrivers {
      try scratch.program("docker", script)
      return ComponentDrivers(
        try file(
          """
          api: {replicas: [{name: api-1, url: "http://127.0.0.1:1"}]}
          redis: {url: "redis://127.0.0.1:1", driver: boxes, target: cache}
          docker: [{host: "unix:///run/x.sock", agentId: docker-1}]
          agents: [{id: docker-1, platform: docker, driver: boxes, target: agent-box}]
          drivers:
            boxes: {kind: docker, env: {PATH: "\(scratch.url.path):/usr/bin:/bin"}}
          safety: {allow: [redis, agent-box]}
          """)
      ) { _ in true }
    }

    @Test("the docker driver calls the command line with the container's name, on the agent's host")
    func docker() throws {
      let scratch = try Scratch()
      let drivers = try Self.container(scratch, "echo running")
      #expect(try drivers.state(of: "redis") == .running)
      for verb in DriverVerb.allCases { try drivers.perform(verb, on: "redis") }
      try drivers.perform(.kill, on: "agent-box")
      #expect(
        scratch.calls == [
          "container inspect --format {{.State.Status}} cache", "start cache", "stop --time 30 cache", "kill cache",
          "pause cache", "unpause cache", "--host unix:///run/x.sock kill agent-box",
        ])
    }

    @Test("what docker complains of is passed on in one line")
    func dockerFailure() throws {
      let scratch = try Scratch()
      let drivers = try Self.container(scratch, "echo 'first' >&2; echo 'No such container: cache' >&2; exit 1")
      let error = #expect(throws: DriverError.self) { try drivers.perform(.kill, on: "redis") }
      #expect(error?.description == "kill of 'redis' failed: docker: No such container: cache")
      #expect(drivers.offers.first { $0.component == "redis" }?.verbs == [])
    }

    private static func cluster(_ scratch: Scratch, _ script: String) throws -> ComponentDrivers {
      try scratch.program("kubectl", script)
      return ComponentDrivers(
        try file(
          """
          api:
            replicas:
              - {name: api-1, url: "http://127.0.0.1:1", driver: pods}
              - {name: api-2, url: "http://127.0.0.1:2", driver: pods, target: deployment/api}
          agents: [{id: k8s-1, platform: kubernetes, driver: pods, target: selector/app=agent}]
          kubernetes: {context: kind-x, namespace: ns, agentId: k8s-1, agentSelector: app=agent}
          drivers:
            pods: {kind: kubectl, env: {PATH: "\(scratch.url.path):/usr/bin:/bin"}}
          safety: {allow: [api-1, api-2, selector/app=agent]}
          """)
      ) { _ in true }
    }

    /// Answers as kubectl does for a deployment of three pods.
    private static let kubectl = """
      case "$*" in
      *spec.replicas*) printf 3 ;;
      *matchLabels*) printf 'app=api\\ntier=web\\n' ;;
      *"get pods"*) printf 'api-a api-b' ;;
      esac
      """

    @Test("the kubectl driver deletes pods with grace 30 or 0, and scales workloads")
    func kubectl() throws {
      let scratch = try Scratch()
      let drivers = try Self.cluster(scratch, Self.kubectl)
      try drivers.perform(.stop, on: "api-1")
      try drivers.perform(.kill, on: "selector/app=agent")
      try drivers.perform(.stop, on: "api-2")
      try drivers.perform(.start, on: "api-2")
      let template = "--output go-template={{range $k, $v := .spec.selector.matchLabels}}{{$k}}={{$v}}"
      #expect(
        scratch.calls.filter { $0 != "{{end}}" } == [
          "--context kind-x --namespace ns delete pod api-1 --grace-period=30 --wait=true",
          "--context kind-x --namespace ns delete pod --selector app=agent --grace-period=0 --force --wait=true",
          "--context kind-x --namespace ns get deployment/api --output jsonpath={.spec.replicas}",
          "--context kind-x --namespace ns get deployment/api \(template)",
          "--context kind-x --namespace ns scale deployment/api --replicas=0",
          "--context kind-x --namespace ns wait pod --selector app=api,tier=web --for=delete --timeout=90s",
          "--context kind-x --namespace ns scale deployment/api --replicas=3",
          "--context kind-x --namespace ns rollout status deployment/api --timeout=90s",
        ])
    }

    @Test("a pod cannot be paused, and nobody has to start it")
    func podLimits() throws {
      let scratch = try Scratch()
      let drivers = try Self.cluster(scratch, Self.kubectl)
      #expect(throws: DriverError.self) { try drivers.perform(.pause, on: "api-1") }
      #expect(throws: DriverError.self) { try drivers.perform(.start, on: "api-1") }
      #expect(scratch.calls.isEmpty)
      let offers = drivers.offers
      #expect(offers.map(\.verbs) == [[.stop, .kill], [.start, .stop, .kill], [.stop, .kill]], "\(offers)")
    }

    @Test("a program that is not installed, or gives no answer, is named")
    func commandLine() throws {
      let scratch = try Scratch()
      #expect(throws: CommandRun.Refusal.absent("kubectl")) {
        try CommandRun.run(["kubectl"], variables: ["PATH": scratch.url.path])
      }
      try scratch.program("slow", "exec sleep 30")
      let began = ContinuousClock.now
      #expect(throws: CommandRun.Refusal.tookTooLong("slow", .milliseconds(200))) {
        try CommandRun.run(
          ["slow"], variables: ["PATH": "\(scratch.url.path):/usr/bin:/bin"], limit: .milliseconds(200))
      }
      #expect(ContinuousClock.now - began < .seconds(5))
    }

    @Test("a child that goes on does not hold up the answer")
    func grandchild() throws {
      let began = ContinuousClock.now
      let run = try CommandRun.run(["sh", "-c", "sleep 3 & echo done"])
      #expect(run.output == "done\n")
      #expect(ContinuousClock.now - began < .seconds(2))
    }
  }
#endif
