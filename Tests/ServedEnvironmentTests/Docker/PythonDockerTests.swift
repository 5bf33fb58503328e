#if Live
  import Foundation
  import Testing

  @testable import ServedEnvironment
  @testable import SocketBridges

  @Suite("Python's docker package drives the served engine")
  struct PythonDockerTests {
    /// Lists, runs, waits, removes, streams events; every line it prints is one thing that worked.
    private static let program = """
      import docker, threading
      client = docker.from_env(timeout=20)
      print(client.version()["ApiVersion"], client.info()["NCPU"])
      seen = []
      events = client.events(decode=True, filters={"type": "container"})
      def watch():
          for event in events:
              seen.append(event["status"])
              if event["status"] == "destroy": return
      watcher = threading.Thread(target=watch)
      watcher.start()
      web = client.containers.run("linuxserver/firefox", detach=True, name="web", labels={"a": "b"},
                                  ports={"3000/tcp": None}, mem_limit="512m")
      web.reload()
      print(web.status, web.labels, list(web.ports))
      print([c.name for c in client.containers.list(filters={"label": "a=b"})])
      web.pause(); web.reload(); print(web.status)
      web.unpause()
      web.stop(timeout=2)
      print(web.wait()["StatusCode"])
      web.start()
      web.kill()
      print(web.wait(condition="not-running")["StatusCode"])
      print(repr(web.logs()))
      web.remove()
      watcher.join(10)
      print(seen)
      job = client.containers.run("busybox", ["sh", "-c", "exit 3"], detach=True)
      print(job.wait())
      job.remove(force=True)
      print(repr(client.containers.run("busybox", ["true"], remove=True)))
      try:
          client.containers.get("web")
      except docker.errors.NotFound as error:
          print(error.explanation)
      try:
          client.containers.run("linuxserver/firefox", detach=True, volumes=["/etc:/etc"])
      except docker.errors.APIError as error:
          print(error.status_code)
      net = client.networks.create("net", driver="bridge")
      print([n.name for n in client.networks.list(names=["net"])])
      net.remove()
      client.volumes.create("v", labels={"x": "y"})
      print([v.name for v in client.volumes.list()])
      client.volumes.get("v").remove()
      print(client.images.pull("busybox", tag="9").tags)
      print(len(client.containers.list(all=True)))
      """

    @Test("it lists, runs, waits, removes and streams events")
    func works() throws {
      guard let check = try? PeerProcess.run("python3", ["-c", "import docker"]), check.status == 0 else {
        try Test.cancel("needs Python's docker (Debian package python3-docker)")
      }
      let served = try ServedDocker.onSocket()
      defer { served.stop() }
      let client = DockerClient(host: served.dockerHost)
      let answer = try client.finish(
        DockerClient.start("python3", ["-c", Self.program], host: served.dockerHost), within: 60)
      #expect(answer.status == 0, "\(answer.errors)")
      let expected = """
        1.41 16
        running {'a': 'b'} ['3000/tcp']
        ['web']
        paused
        143
        137
        b''
        ['create', 'start', 'pause', 'unpause', 'kill', 'die', 'stop', 'start', 'kill', 'die', 'destroy']
        {'Error': None, 'StatusCode': 3}
        b''
        No such container: web
        501
        ['net']
        ['v']
        ['busybox:9']
        0

        """
      #expect(answer.output == expected)
    }
  }
#endif
