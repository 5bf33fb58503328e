#if Live
  import DockerEngine
  import Foundation
  import SimulationRuntime
  import Testing

  @testable import ServedEnvironment
  @testable import SocketBridges

  @Suite("Docker's command line drives the served engine")
  struct DockerCommandLineTests {
    private func serve(_ configure: (inout ServedDocker.Options) -> Void = { _ in }) throws -> (
      ServedDocker, DockerClient
    ) {
      guard DockerClient.isThere else { try Test.cancel("needs docker (Debian package docker.io)") }
      let served = try ServedDocker.onSocket(configure)
      return (served, DockerClient(host: served.dockerHost))
    }

    @Test("it goes down to API 1.41 and shows version and machine")
    func version() throws {
      let (served, docker) = try serve()
      defer { served.stop() }
      let version = try docker(
        "version", "--format", "{{.Client.APIVersion}} {{.Server.APIVersion}} {{.Server.Version}}")
      #expect(version.output == "1.41 1.41 20.10.24+dfsg1\n", "\(version)")
      let info = try docker(
        "info", "--format", "{{.NCPU}} {{.MemTotal}} {{.Swarm.LocalNodeState}} {{.OperatingSystem}}")
      #expect(info.output == "16 68719476736 inactive StreamSpace Simulation (no real containers)\n", "\(info)")
      let text = try docker("info")
      #expect(text.status == 0 && text.output.contains(" Server Version: 20.10.24+dfsg1"), "\(text)")
    }

    @Test("a container's whole life: pull, run, list, pause, stop, start, rename, kill, remove")
    func life() throws {
      let (served, docker) = try serve()
      defer { served.stop() }
      let run = try docker(
        "run", "-d", "--name", "web", "-p", "8080:80", "-v", "data:/data", "-e", "A=b", "--label", "x=y", "nginx",
        "serve",
        "a b")
      #expect(run.status == 0 && run.output.count == 65, "\(run)")
      #expect(run.errors.contains("Downloaded newer image for nginx:latest"))
      let list = try docker("ps", "--format", "{{.Names}}|{{.Image}}|{{.Command}}|{{.Ports}}|{{.State}}|{{.Mounts}}")
      #expect(list.output == "web|nginx|\"serve 'a b'\"|0.0.0.0:8080->80/tcp|running|data\n", "\(list)")
      #expect(try docker("ps").output.contains("Up "))
      let inspect = try docker(
        "inspect", "web", "--format",
        "{{.State.Status}} {{.Config.Labels.x}} {{.Config.Env}} {{.NetworkSettings.IPAddress}}")
      #expect(inspect.output == "running y [A=b] 172.17.0.2\n", "\(inspect)")
      #expect(try docker("port", "web").output == "80/tcp -> 0.0.0.0:8080\n")
      for verb in ["pause", "unpause", "restart", "stop", "start"] {
        let answer = try docker(verb, "web")
        #expect(answer.output == "web\n" && answer.status == 0, "\(verb): \(answer)")
      }
      #expect(try docker("rename", "web", "shop").status == 0)
      let refused = try docker("rm", "shop")
      #expect(refused.status == 1 && refused.errors.contains("You cannot remove a running container"), "\(refused)")
      #expect(try docker("kill", "shop").output == "shop\n")
      #expect(try docker("wait", "shop").output == "137\n")
      #expect(try docker("ps", "-q").output == "")
      #expect(try docker("ps", "-a", "--format", "{{.Status}}").output.hasPrefix("Exited (137) "))
      #expect(try docker("rm", "shop").output == "shop\n")
      #expect(try docker("inspect", "shop").errors == "Error: No such object: shop\n")
      let absent = try docker("rm", "-f", "shop")
      #expect(absent.errors.contains("No such container: shop") && absent.status == 0, "\(absent)")
    }

    @Test("a run in the foreground ends with the container's code, and --rm leaves nothing")
    func foreground() throws {
      let (served, docker) = try serve()
      defer { served.stop() }
      let failing = try docker("run", "--rm", "busybox", "sh", "-c", "exit 7")
      #expect(failing.status == 7 && failing.output.isEmpty, "\(failing)")
      let fine = try docker("run", "--name", "kept", "busybox", "true")
      #expect(fine.status == 0, "\(fine)")
      let long = try docker.start(["run", "--rm", "--name", "long", "busybox"])
      #expect(try eventually(within: 10) { try docker("ps", "--format", "{{.Names}}").output == "long\n" })
      let attached = try docker.start(["attach", "--no-stdin", "long"])
      let followed = try docker.start(["logs", "-f", "long"])
      usleep(300_000)
      #expect(try docker("kill", "long").status == 0)
      #expect(try docker.finish(long).status == 137)
      #expect(try docker.finish(attached).status == 137)
      #expect(try docker.finish(followed).status == 0)
      #expect(
        try eventually(within: 5) { try docker("ps", "-a", "--format", "{{.Names}}").output == "kept\n" })
    }

    @Test("networks and volumes: create, list, inspect, connect, prune, remove")
    func objects() throws {
      let (served, docker) = try serve()
      defer { served.stop() }
      #expect(try docker("network", "create", "--label", "a=b", "net").output.count == 65)
      #expect(
        try docker("network", "ls", "--format", "{{.Name}} {{.Driver}}").output
          == "bridge bridge\nhost host\nnet bridge\nnone null\n")
      #expect(try docker("run", "-d", "--name", "one", "--network", "net", "busybox").status == 0)
      let shown = try docker(
        "network", "inspect", "net", "--format", "{{range .Containers}}{{.Name}} {{.IPv4Address}}{{end}}")
      #expect(shown.output == "one 172.18.0.2/16\n", "\(shown)")
      #expect(try docker("network", "connect", "bridge", "one").status == 0)
      let networks = try docker(
        "inspect", "one", "--format", "{{range $k, $v := .NetworkSettings.Networks}}{{$k}} {{end}}")
      #expect(networks.output == "bridge net \n", "\(networks)")
      #expect(try docker("network", "disconnect", "bridge", "one").status == 0)
      let busy = try docker("network", "rm", "net")
      #expect(busy.status == 1 && busy.errors.contains("has active endpoints"), "\(busy)")
      #expect(try docker("rm", "-f", "one").status == 0)
      #expect(try docker("network", "rm", "net").output == "net\n")
      #expect(try docker("volume", "create", "v1").output == "v1\n")
      #expect(try docker("volume", "ls", "-q").output == "v1\n")
      #expect(
        try docker("volume", "inspect", "v1", "--format", "{{.Mountpoint}}").output
          == "/var/lib/docker/volumes/v1/_data\n")
      #expect(try docker("volume", "prune", "-f").output.contains("v1"))
      let gone = try docker("volume", "rm", "v1")
      #expect(gone.status == 1 && gone.errors.contains("No such volume: v1"), "\(gone)")
      #expect(try docker("container", "prune", "-f").status == 0)
      #expect(try docker("network", "prune", "-f").status == 0)
    }

    @Test("events come while they happen and end by themselves")
    func events() throws {
      let (served, docker) = try serve()
      defer { served.stop() }
      let watching = try docker.start([
        "events", "--since", "1m", "--until", "\(Int(Date().timeIntervalSince1970) + 4)", "--filter", "type=container",
        "--format",
        "{{.Action}} {{.Actor.Attributes.name}}",
      ])
      #expect(try docker("run", "-d", "--name", "web", "busybox").status == 0)
      #expect(try docker("rm", "-f", "web").status == 0)
      let seen = try docker.finish(watching)
      #expect(seen.output == "create web\nstart web\nkill web\ndie web\ndestroy web\n", "\(seen)")
      #expect(seen.status == 0)
    }

    @Test("images: what is there, what is pulled, what cannot be had")
    func images() throws {
      let (served, docker) = try serve { $0.engine.images["missing:1"] = .unknown }
      defer { served.stop() }
      let before = try docker("images", "--format", "{{.Repository}}:{{.Tag}}").output
      #expect(before.contains("lscr.io/linuxserver/firefox:latest\n") && !before.contains("busybox"))
      let pull = try docker("pull", "busybox:1")
      #expect(pull.output.contains("1: Pulling from busybox") && pull.status == 0, "\(pull)")
      #expect(try docker("pull", "-q", "busybox:1").output == "docker.io/library/busybox:1\n")
      #expect(try docker("images", "-q", "busybox:1").output.count == 13)
      let missing = try docker("run", "-d", "missing:1")
      #expect(missing.status == 125 && missing.errors.contains("pull access denied for missing"), "\(missing)")
      served.perform { _ = $0.begin(.pullBreaks(image: nil)) }
      let broken = try docker("pull", "busybox:2")
      #expect(broken.status == 1 && broken.errors.contains("unexpected EOF"), "\(broken)")
    }

    @Test("a swarm: init, service create, ls, ps, scale, rm, leave")
    func services() throws {
      let (served, docker) = try serve()
      defer { served.stop() }
      #expect(try docker("service", "ls").errors.contains("This node is not a swarm manager"))
      let begun = try docker("swarm", "init")
      #expect(begun.output.contains("is now a manager"), "\(begun)")
      #expect(try docker("node", "ls", "--format", "{{.Hostname}} {{.ManagerStatus}}").output == "docker-1 Leader\n")
      let made = try docker("service", "create", "--detach", "--name", "s", "--replicas", "2", "linuxserver/firefox")
      #expect(made.status == 0, "\(made)")
      #expect(
        try eventually(within: 5) {
          try docker("service", "ls", "--format", "{{.Name}} {{.Replicas}}").output == "s 2/2\n"
        })
      #expect(
        try docker("service", "ps", "s", "--format", "{{.Name}} {{.Image}} {{.Node}} {{.DesiredState}}").output
          == "s.1 linuxserver/firefox:latest docker-1 Running\ns.2 linuxserver/firefox:latest docker-1 Running\n")
      #expect(try docker("service", "scale", "--detach", "s=1").status == 0)
      #expect(try docker("service", "inspect", "s", "--format", "{{.Spec.Mode.Replicated.Replicas}}").output == "1\n")
      #expect(try docker("service", "inspect", "s", "--pretty").status == 0)
      #expect(try docker("service", "rm", "s").output == "s\n")
      #expect(try docker("swarm", "leave", "--force").output == "Node left the swarm.\n")
    }

    @Test("what is not modelled is one clear line")
    func unmodelled() throws {
      let (served, docker) = try serve()
      defer { served.stop() }
      #expect(try docker("run", "-d", "--name", "web", "busybox").status == 0)
      for arguments in [
        ["exec", "web", "ls"], ["top", "web"], ["stats", "--no-stream", "web"], ["cp", "web:/x", "x"],
        ["rmi", "busybox"], ["tag", "busybox", "b:2"], ["push", "busybox"], ["commit", "web"], ["system", "df"],
        ["run", "-v", "/etc:/etc", "busybox"], ["network", "create", "--subnet", "10.1.0.0/16", "n"],
      ] {
        let answer = try docker.run(arguments)
        #expect(answer.status != 0 && answer.errors.contains("not simulated: "), "\(arguments): \(answer)")
      }
    }

    @Test("an outage of the daemon is an outage for its clients, and over when it is over")
    func outage() throws {
      let (served, docker) = try serve()
      defer { served.stop() }
      #expect(try docker("run", "-d", "--name", "web", "--restart", "unless-stopped", "busybox").status == 0)
      let watching = try docker.start(["events"])
      usleep(300_000)
      served.perform { _ = $0.begin(.daemonRestart, lasting: .seconds(1)) }
      #expect(try docker.finish(watching).status != 0)
      #expect(try docker("ps").status != 0)
      #expect(try eventually(within: 10) { try docker("ps", "--format", "{{.Names}}").output == "web\n" })
    }

    @Test("it can be reached over TCP too")
    func tcp() throws {
      guard DockerClient.isThere else { try Test.cancel("needs docker (Debian package docker.io)") }
      let served = try ServedDocker(on: .tcp(), ServedDocker.Options())
      defer { served.stop() }
      #expect(served.dockerHost.hasPrefix("tcp://127.0.0.1:"))
      #expect(try DockerClient(host: served.dockerHost)("ps", "-q").status == 0)
    }
  }
#endif
