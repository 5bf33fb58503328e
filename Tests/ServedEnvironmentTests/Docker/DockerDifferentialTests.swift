#if Live
  import DockerEngine
  import Foundation
  import Testing

  @testable import ServedEnvironment
  @testable import SocketBridges

  @Suite("Docker's command line says the same of the served engine and of a real one", .serialized)
  struct DockerDifferentialTests {
    /// One command for both engines, and how the answers may differ: `docs/docker-differences.md`.
    struct Step: CustomTestStringConvertible {
      var line: String
      /// The row of the table of allowed differences; nil: there is none.
      var difference: String?

      init(_ line: String, _ difference: String? = nil) {
        self.line = line
        self.difference = difference
      }

      var testDescription: String { line }

      /// Words between blanks; single quotes keep blanks.
      var words: [String] {
        var words: [String] = []
        for (index, part) in line.split(separator: "'", omittingEmptySubsequences: false).enumerated() {
          if index % 2 == 1 { words.append(String(part)) } else { words += part.split(separator: " ").map(String.init) }
        }
        return words
      }
    }

    static let steps: [Step] = [
      Step(
        "version --format '{{.Client.APIVersion}} {{.Server.Version}} {{.Server.APIVersion}} {{.Server.MinAPIVersion}}'"
      ),
      Step("version", "facts of the machine"),
      Step(
        "info --format '{{.Containers}} {{.Images}} {{.ServerVersion}} {{.Swarm.LocalNodeState}} {{.LoggingDriver}}'"),
      Step("info", "facts of the machine"),
      Step("images --format '{{.Repository}}:{{.Tag}}'"), Step("images -q tiny:1"), Step("images nowhere"),
      Step("ps"), Step("ps -a"), Step("volume ls"), Step("network ls"),
      // A life.
      Step("network create --label a=b net"), Step("network create net"),
      Step(
        "network inspect net --format '{{.Name}} {{.Driver}} {{.Scope}} {{.Labels}} {{len .IPAM.Config}} {{.Internal}}'"
      ),
      Step("run -d --name web --network net --label x=y -e A=b -v data:/data tiny:1 sleep 1000"),
      Step("run -d --name web --network net tiny:1 sleep 1000"),
      Step(
        "ps --format '{{.Names}} {{.Image}} {{.Command}} {{.State}} {{.Ports}} {{.Mounts}} {{.Networks}} {{.Label \"x\"}}'"
      ),
      Step("ps"), Step("ps -q"), Step("ps -l --format {{.Names}}"), Step("ps -n 2 --format {{.Names}}"),
      Step("ps --filter name=we --format {{.Names}}"), Step("ps --filter status=exited --format {{.Names}}"),
      Step("ps --filter nonsense=1"),
      Step(
        "inspect web --format '{{.Name}} {{.State.Status}} {{.State.Running}} {{.Path}} {{.Args}} {{.Config.Image}} {{.Config.Labels}}'"
      ),
      Step(
        "inspect web --format '{{.HostConfig.NetworkMode}} {{.HostConfig.RestartPolicy.Name}} {{.HostConfig.AutoRemove}} {{.HostConfig.Memory}}'"
      ),
      Step("inspect web --format '{{range .Mounts}}{{.Type}} {{.Name}} {{.Destination}} {{.RW}}{{end}}'"),
      Step(
        "inspect web --format '{{range $k, $v := .NetworkSettings.Networks}}{{$k}} {{$v.IPAddress}} {{$v.IPPrefixLen}}{{end}}'"
      ),
      Step("inspect web --format '{{.Config.Env}}'"),
      Step("inspect web", "members of bodies"), Step("inspect nowhere"), Step("container inspect nowhere"),
      Step("logs web"), Step("port web"), Step("pause web"), Step("pause web"),
      Step("ps --format '{{.Names}} {{.State}}'"),
      Step("start web"), Step("unpause web"), Step("unpause web"), Step("exec nowhere true"),
      Step("exec web true", "calls"),
      Step("top web", "calls"), Step("restart -t 0 web"), Step("stop -t 0 web"), Step("stop -t 0 web"),
      Step("wait web"),
      Step("start web"), Step("kill --signal USR1 web"), Step("kill --signal NONSENSE web"), Step("rm web"),
      Step("rename web shop"), Step("rename nowhere x1"), Step("kill shop"), Step("wait shop"), Step("kill shop"),
      Step("ps -a --format '{{.Names}} {{.Status}}'"), Step("rm shop"), Step("rm shop"), Step("rm -f shop"),
      Step("start shop"), Step("stop shop"), Step("pause shop"), Step("wait shop"), Step("logs shop"),
      Step("rename shop x1"), Step("kill shop"), Step("attach shop"), Step("restart shop"),
      // In the foreground.
      Step("run --rm --network none tiny:1 sh -c 'exit 7'"), Step("run --rm --network none tiny:1 true"),
      Step("run --name failed --network none tiny:1 false"), Step("start failed"), Step("start -a failed"),
      Step("attach failed"), Step("inspect failed --format '{{.State.Status}} {{.State.ExitCode}}'"),
      Step("rm failed"), Step("ps -aq"),
      Step("run -d --rm --restart always --network none tiny:1 true"),
      Step("create --name -x tiny:1 true"), Step("create --name x1 --memory 1m tiny:1 true"),
      Step("create --name x1 --network nowhere tiny:1 true"), Step("start x1"), Step("rm x1"),
      Step("run -d --pull never --network none nowhere:1 true"),
      // Ports.
      Step("run -d --name p1 --network net -p 127.0.0.1:18080:80 tiny:1 sleep 1000"),
      Step("port p1"), Step("ps --format '{{.Names}} {{.Ports}}'"),
      Step("run -d --name p2 --network net -p 127.0.0.1:18080:80 tiny:1 sleep 1000"), Step("rm -f p1 p2"),
      // Networks and volumes.
      Step("run -d --name n1 --network net tiny:1 sleep 1000"), Step("network create net2"),
      Step("network connect net2 n1"), Step("network connect net2 n1"), Step("network rm net2"),
      Step("network inspect net2 --format '{{range .Containers}}{{.Name}} {{.IPv4Address}}{{end}}'"),
      Step("network disconnect net2 n1"), Step("network disconnect net2 n1"), Step("network rm net2"),
      Step("network rm net2"), Step("network inspect net2"), Step("network rm none"), Step("rm -f n1"),
      Step("network rm net"),
      Step("network ls --format '{{.Name}} {{.Driver}} {{.Scope}}'"), Step("network prune -f"),
      Step("volume create v1 --label a=b"), Step("volume create v1"), Step("volume ls"),
      Step("volume inspect v1 --format '{{.Name}} {{.Driver}} {{.Scope}} {{.Labels}}'"),
      Step("volume inspect nowhere"), Step("volume rm v1"), Step("volume rm v1"),
      Step("run -d --name v --network none -v data:/data tiny:1 sleep 1000"), Step("volume rm data"), Step("rm -f v"),
      Step("volume prune -f"), Step("container prune -f"), Step("ps -aq"), Step("volume ls -q"),
      // Without a swarm.
      Step("service ls"), Step("service inspect nowhere"), Step("service create --name s tiny:1"), Step("node ls"),
      Step("swarm leave"), Step("secret ls"), Step("stack ls"),
      // What the simulated engine lacks.
      Step("rmi nowhere"), Step("tag tiny:1 tiny:2", "calls"), Step("rmi tiny:2", "calls"), Step("commit nowhere"),
      Step("history tiny:1", "calls"), Step("system df", "calls"), Step("push nowhere", "push"), Step("plugin ls"),
      Step("run --rm --network none -v /tmp:/tmp tiny:1 true", "folders of the host"),
      Step("run --rm --network none -v /data tiny:1 true", "anonymous volumes"),
      Step("run --rm --network none --privileged tiny:1 true", "options without effect"),
      Step("network create --subnet 10.99.0.0/16 net3", "subnets"),
    ]

    /// Ids, times, spans and addresses are the engines' own.
    static func normalised(_ result: DockerClient.Result) -> DockerClient.Result {
      func mask(_ text: String) -> String {
        var text = text
        for (pattern, mask) in [
          ("sha256:[0-9a-f]{64}", "<digest>"), ("\\b[0-9a-f]{64}\\b", "<id>"), ("\\b[0-9a-f]{12}\\b", "<id>"),
          ("[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:.]+Z", "<time>"),
          ("(Less than a second|About a minute|[0-9]+ (milli)?seconds?|[0-9]+ minutes?)( ago)?", "<span>"),
          ("\\b172\\.[0-9]{1,3}\\.", "172.x."), ("[ ]{2,}", "  "), ("[0-9.]+ ?[kMG]?B\\b", "<size>"),
        ] { text = text.replacingOccurrences(of: pattern, with: mask, options: .regularExpression) }
        return text.split(separator: "\n", omittingEmptySubsequences: false)
          // The machine's, not the engine's.
          .filter { !$0.hasPrefix("WARNING: IPv4 forwarding is disabled") }
          .map { line in line.replacingOccurrences(of: " +$", with: "", options: .regularExpression) }.joined(
            separator: "\n")
      }
      return DockerClient.Result(status: result.status, output: mask(result.output), errors: mask(result.errors))
    }

    @Test("the same commands, the same answers but for the listed differences")
    func same() throws {
      guard DockerClient.isThere else { try Test.cancel("needs docker (Debian package docker.io)") }
      let real: RealDaemon
      do { real = try RealDaemon() } catch let error as PeerMissing { try Test.cancel("\(error)") }
      defer { real.stop() }
      let served = try ServedDocker.onSocket { options in
        options.engine.images = ["tiny:1": .cached]
        options.engine.defaultImageClass = .unknown
        options.engine.hasDefaultBridge = false
      }
      defer { served.stop() }
      let arms = [DockerClient(host: served.dockerHost), DockerClient(host: real.host)]
      for step in Self.steps {
        let answers = try arms.map { Self.normalised(try $0.run(step.words)) }
        if let difference = step.difference {
          #expect(answers[0] != answers[1], "\(step.line) no longer differs (\(difference)): strike it from the list")
        } else {
          #expect(answers[0] == answers[1], "docker \(step.line)")
        }
      }
    }

    @Test("every allowed difference is a row of docs/docker-differences.md")
    func documented() throws {
      let file = URL(fileURLWithPath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        .appendingPathComponent("docs/docker-differences.md")
      let text = try String(contentsOf: file, encoding: .utf8)
      for difference in Set(Self.steps.compactMap(\.difference)) {
        #expect(text.contains("| \(difference) |"), "\(difference)")
      }
    }
  }
#endif
