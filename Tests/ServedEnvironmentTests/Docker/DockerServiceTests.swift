import DockerEngine
import SimulationRuntime
import StreamSpaceProtocol
import Testing

@testable import ServedEnvironment

@Suite("The Docker Engine API on sockets")
struct DockerServiceTests {
  @Test("a client that speaks a newer version finds out by a ping and goes down to 1.41")
  func negotiates() throws {
    let rig = try ServiceRig()
    for method in ["GET", "HEAD"] {
      let ping = try rig.ask(method, "/_ping")
      #expect(ping.status == 200)
      #expect(ping.headers["Api-Version"] == "1.41")
      #expect(ping.headers["Ostype"] == "linux")
      #expect(ping.headers["Cache-Control"] == "no-cache, no-store, must-revalidate")
      #expect(ping.text == "OK")
    }
    let tooNew = try rig.ask("GET", "/v1.43/info")
    #expect(tooNew.status == 400)
    #expect(tooNew.message == "client version 1.43 is too new. Maximum supported API version is 1.41")
    let tooOld = try rig.ask("GET", "/v1.11/info")
    #expect(tooOld.status == 400)
    #expect(tooOld.headers["Content-Type"]?.hasPrefix("text/plain") == true)
    #expect(tooOld.text.hasPrefix("client version 1.11 is too old. Minimum supported API version is 1.12"))
    #expect(try rig.ask("GET", "/v1.12/version").status == 200)
    #expect(try rig.ask("GET", "/version").json["ApiVersion"]?.text == "1.41")
  }

  @Test("a container is made, started, listed with its ports, inspected, stopped and removed")
  func life() throws {
    let rig = try ServiceRig()
    let created = try rig.ask(
      "POST", "/v1.41/containers/create?name=web",
      [
        "Image": "web:1", "Cmd": ["serve", "a b"], "ExposedPorts": ["80/tcp": [:]], "Labels": ["x": "y"],
        "HostConfig": ["PortBindings": ["80/tcp": [["HostIp": "", "HostPort": "8080"]]], "NanoCpus": 0],
      ])
    #expect(created.status == 201)
    #expect(created.json["Warnings"] == [])
    #expect(created.text.hasSuffix("\n"))
    let id = try #require(created.json["Id"]?.text)
    #expect(id.count == 64)
    #expect(try rig.ask("GET", "/containers/json").json == [])
    #expect(try rig.ask("POST", "/containers/web/start").status == 204)
    #expect(try rig.ask("POST", "/containers/web/start").status == 304)
    let list = try rig.ask("GET", "/v1.41/containers/json")
    let first = try #require(list.json.elements?.first)
    #expect(first["Command"]?.text == "serve 'a b'")
    #expect(first["Ports"] == [["IP": "0.0.0.0", "PublicPort": 8080, "PrivatePort": 80, "Type": "tcp"]])
    #expect(first["NetworkSettings"]?["Networks"]?["bridge"]?["IPAddress"]?.text == "172.17.0.2")
    let inspection = try rig.ask("GET", "/containers/\(id.prefix(8))/json")
    #expect(inspection.json["NetworkSettings"]?["IPAddress"]?.text == "172.17.0.2")
    #expect(inspection.json["Created"]?.text?.hasPrefix("2027-01-15T08:00:") == true)
    #expect(try rig.ask("DELETE", "/containers/web").status == 409)
    #expect(try rig.ask("POST", "/containers/web/stop?t=5").status == 204)
    #expect(try rig.state("web") == "exited")
    #expect(try rig.ask("DELETE", "/containers/web").status == 204)
    #expect(try rig.ask("GET", "/containers/web/json").message == "No such container: web")
  }

  @Test("the head of a wait comes before the container starts, its answer when it ends")
  func waits() throws {
    let rig = try ServiceRig()
    try rig.ask("POST", "/containers/create?name=job", ["Image": "image:1"])
    let wait = try rig.ask("POST", "/v1.41/containers/job/wait?condition=next-exit")
    #expect(wait.status == 200)
    let sink = try #require(wait.sink)
    #expect(sink.sent.isEmpty)
    try rig.ask("POST", "/containers/job/start")
    try rig.run(.seconds(2))
    #expect(sink.sent.isEmpty && !sink.isOver)
    try rig.ask("POST", "/containers/job/kill")
    try rig.run(.milliseconds(1))
    #expect(wait.json == ["Error": nil, "StatusCode": 137])
    #expect(sink.isFinished)
    #expect(try rig.ask("POST", "/containers/job/wait").json["StatusCode"]?.integer == 137)
    #expect(try rig.ask("POST", "/containers/nope/wait").message == "No such container: nope")
  }

  @Test("a waiting client that leaves takes its call with it")
  func leaves() throws {
    let rig = try ServiceRig()
    try rig.running("job")
    let wait = try rig.ask("POST", "/containers/job/wait")
    wait.sink?.close()
    let pull = rig.send("POST", "/images/create?fromImage=x&tag=1")
    pull.abandon()
    try rig.ask("POST", "/containers/job/kill")
    #expect(wait.sink?.sent.isEmpty == true)
    #expect(pull.answers == 0)
    #expect(try rig.ask("GET", "/_ping").status == 200)
  }

  @Test("what is attached ends with the container, both as an upgrade and as a plain answer")
  func attaches() throws {
    let rig = try ServiceRig()
    try rig.ask("POST", "/containers/create?name=job", ["Image": "image:1"])
    let upgrade = try rig.ask(
      "POST", "/v1.41/containers/job/attach?stream=1&stdout=1",
      headers: ["Upgrade": "tcp", "Connection": "Upgrade"])
    let plain = try rig.ask("POST", "/v1.41/containers/job/attach?stream=1&stdout=1")
    #expect(upgrade.status == 101)
    #expect(upgrade.headers["Content-Type"] == "application/vnd.docker.raw-stream")
    #expect(plain.status == 200)
    let logs = try rig.ask("GET", "/containers/job/logs?stdout=1&follow=1")
    #expect(logs.status == 200 && logs.sink?.isFinished == true)
    try rig.ask("POST", "/containers/job/start")
    let follow = try rig.ask("GET", "/containers/job/logs?stdout=1&follow=1")
    try rig.run(.seconds(1))
    #expect(upgrade.sink?.isOver == false && plain.sink?.isOver == false && follow.sink?.isOver == false)
    try rig.ask("POST", "/containers/job/kill")
    try rig.run(.milliseconds(1))
    for exchange in [upgrade, plain, follow] {
      #expect(exchange.sink?.isFinished == true)
      #expect(exchange.sink?.sent == [])
    }
    let missing = try rig.ask("POST", "/containers/nope/attach?stream=1")
    #expect(missing.status == 404)
    #expect(missing.text == "No such container: nope\n")
    #expect(
      try rig.ask("GET", "/containers/job/logs").message
        == "Bad parameters: you must choose at least one stream")
  }

  @Test("a container of --rm goes when it ends, when its start fails, and when it ended while the daemon was away")
  func removesAtEnd() throws {
    let rig = try ServiceRig()
    let host: JSONValue = ["AutoRemove": true]
    try rig.running("one", ["HostConfig": host].object)
    #expect(
      try rig.ask("GET", "/containers/one/json").json["HostConfig"]?["AutoRemove"]?.flag == true)
    let wait = try rig.ask("POST", "/containers/one/wait?condition=removed")
    try rig.ask("POST", "/containers/one/kill")
    try rig.run(.seconds(1))
    #expect(wait.json["StatusCode"]?.integer == 137)
    #expect(try rig.ask("GET", "/containers/one/json").status == 404)

    let failing = try rig.ask(
      "POST", "/containers/create?name=two",
      ["Image": "image:1", "HostConfig": ["AutoRemove": true, "NetworkMode": "nowhere"]])
    #expect(try rig.ask("POST", "/containers/\(failing.json["Id"]?.text ?? "")/start").status == 404)
    try rig.run(.seconds(1))
    #expect(try rig.ask("GET", "/containers/two/json").status == 404)

    try rig.running("three", ["HostConfig": host].object)
    rig.engine.begin(.daemonRestart, lasting: .seconds(1))
    try rig.run(.seconds(4))
    #expect(try rig.ask("GET", "/containers/three/json").status == 404)
    #expect(
      try rig.ask(
        "POST", "/containers/create",
        ["Image": "image:1", "HostConfig": ["AutoRemove": true, "RestartPolicy": ["Name": "always"]]]
      ).message == "can't create 'AutoRemove' container with restart policy")
  }

  @Test("what the engine has no part for is refused by name, what Docker has no page for is not found")
  func unmodelled() throws {
    let rig = try ServiceRig {
      $0.images = ["here:1": .cached]
      $0.defaultImageClass = .unknown
    }
    try rig.running("web", ["Image": "here:1"].object)
    for (method, target) in [
      ("POST", "/containers/web/exec"), ("POST", "/v1.41/build"), ("POST", "/images/here:1/push"),
      ("DELETE", "/images/here:1"), ("GET", "/system/df"), ("POST", "/commit"), ("POST", "/auth"),
      ("GET", "/containers/web/stats"), ("PUT", "/containers/web/archive"), ("GET", "/distribution/a/b/json"),
    ] {
      let answer = try rig.ask(method, target)
      #expect(answer.status == 501, "\(method) \(target)")
      #expect(answer.message?.hasPrefix("not simulated: \(method) /") == true)
      #expect(answer.answers == 1)
    }
    #expect(try rig.ask("POST", "/containers/nope/exec").message == "No such container: nope")
    #expect(try rig.ask("DELETE", "/images/nope").message == "No such image: nope:latest")
    for (method, target) in [("GET", "/nothing"), ("BREW", "/info"), ("DELETE", "/info"), ("GET", "*"), ("GET", "/")] {
      let answer = try rig.ask(method, target)
      #expect(answer.status == 404 && answer.message == "page not found", "\(method) \(target)")
    }
    for (body, part): (JSONValue, String) in [
      (["Image": "here:1", "HostConfig": ["Binds": ["/etc:/etc"]]], "folders of the host"),
      (["Image": "here:1", "Volumes": ["/data": [:]]], "anonymous volumes"),
      (
        ["Image": "here:1", "HostConfig": ["Mounts": [["Type": "tmpfs", "Target": "/x"]]]], "mounts of the type tmpfs"
      ),
    ] {
      let answer = try rig.ask("POST", "/containers/create", body)
      #expect(answer.status == 501 && answer.message?.contains(part) == true, "\(part)")
    }
    let warned = try rig.ask("POST", "/containers/create", ["Image": "here:1", "HostConfig": ["Privileged": true]])
    #expect(warned.json["Warnings"] == ["not simulated, without effect: HostConfig.Privileged"])
  }

  @Test("other spellings of one thing come out the same: -v, --entrypoint, -P, arguments of a service")
  func spellings() throws {
    let rig = try ServiceRig()
    try rig.running(
      "web",
      [
        "Image": "web:1", "Entrypoint": ["run"], "Cmd": ["fast"], "ExposedPorts": ["80/tcp": [:]],
        "HostConfig": ["Binds": ["data:/data:ro"], "PublishAllPorts": true],
      ].object)
    let answer = try rig.ask("GET", "/containers/web/json").json
    #expect(answer["Path"]?.text == "run")
    #expect(answer["Args"] == ["fast"])
    #expect(answer["Mounts"]?.elements?.first?["Name"]?.text == "data")
    #expect(answer["NetworkSettings"]?["Ports"]?["80/tcp"]?.elements?.first?["HostPort"]?.text == "32768")
    #expect(try rig.ask("GET", "/volumes/data").status == 200)
    let text = try rig.ask(
      "POST", "/volumes/create", ["Name": "x"], headers: ["Content-Type": "text/plain"])
    #expect(text.message == "Content-Type specified (text/plain) must be 'application/json'")
  }

  @Test("prune removes what is not in use and nothing else")
  func prunes() throws {
    let rig = try ServiceRig()
    try rig.running("on", ["HostConfig": ["Mounts": [["Type": "volume", "Source": "used", "Target": "/x"]]]].object)
    let off = try rig.ask("POST", "/containers/create?name=off", ["Image": "image:1"]).json["Id"] ?? .null
    try rig.ask("POST", "/volumes/create", ["Name": "free"])
    try rig.ask("POST", "/networks/create", ["Name": "net"])
    #expect(try rig.ask("POST", "/containers/prune").json == ["ContainersDeleted": [off], "SpaceReclaimed": 0])
    #expect(try rig.ask("POST", "/containers/prune").json == ["ContainersDeleted": nil, "SpaceReclaimed": 0])
    #expect(try rig.ask("POST", "/volumes/prune").json == ["VolumesDeleted": ["free"], "SpaceReclaimed": 0])
    #expect(try rig.ask("POST", "/networks/prune").json == ["NetworksDeleted": ["net"]])
    #expect(try rig.state("on") == "running")
    #expect(try rig.ask("GET", "/volumes/used").status == 200)
  }

  @Test("a swarm of one node is begun, runs services, and is left")
  func swarms() throws {
    let rig = try ServiceRig()
    #expect(try rig.ask("GET", "/services").status == 503)
    #expect(try rig.ask("GET", "/nodes").status == 503)
    let node = try rig.ask("POST", "/v1.41/swarm/init", ["ListenAddr": "0.0.0.0:2377"])
    #expect(node.status == 200)
    #expect(try rig.ask("POST", "/swarm/init", ["ListenAddr": "x"]).status == 503)
    #expect(try rig.ask("GET", "/nodes").json.elements?.first?["ID"] == node.json)
    #expect(try rig.ask("GET", "/info").json["Swarm"]?["Cluster"]?["ID"]?.text?.count == 25)
    let made = try rig.ask(
      "POST", "/services/create",
      [
        "Name": "s", "TaskTemplate": ["ContainerSpec": ["Image": "web:1", "Command": ["a"], "Args": ["b"]]],
        "Mode": ["Replicated": ["Replicas": 2]],
      ])
    #expect(made.status == 201)
    try rig.run(.seconds(5))
    let service = try rig.ask("GET", "/services?status=true").json.elements?.first
    #expect(service?["ServiceStatus"] == ["RunningTasks": 2, "DesiredTasks": 2, "CompletedTasks": 0])
    let tasks = try rig.ask("GET", "/tasks?filters={\"service\":{\"s\":true},\"_up-to-date\":{\"true\":true}}").json
    #expect(tasks.elements?.count == 2)
    #expect(tasks.elements?.first?["Spec"]?["ContainerSpec"]?["Command"] == ["a", "b"])
    #expect(try rig.ask("POST", "/swarm/leave").status == 503)
    #expect(try rig.ask("POST", "/swarm/leave?force=1").status == 200)
    #expect(try rig.ask("POST", "/swarm/leave?force=1").message == "This node is not part of a swarm")
  }

  @Test("images are listed by reference, the newest containers by number")
  func lists() throws {
    let rig = try ServiceRig {
      $0.images = ["a/b:1": .cached, "a/b:2": .cached, "c:latest": .cached]
    }
    #expect(try rig.ask("GET", "/images/json").json.elements?.count == 3)
    let found = try rig.ask("GET", "/images/json?filters={\"reference\":[\"a/b\"]}").json.elements ?? []
    #expect(found.map { $0["RepoTags"] } == [["a/b:1"], ["a/b:2"]])
    #expect(found.first?["Created"]?.integer == 1_800_000_000)
    #expect(try rig.ask("GET", "/images/json?filters={\"before\":[\"c\"]}").message == "Invalid filter 'before'")
    for name in ["c1", "c2", "c3"] { try rig.ask("POST", "/containers/create?name=\(name)", ["Image": "c"]) }
    let newest = try rig.ask("GET", "/containers/json?limit=2").json.elements ?? []
    #expect(newest.map { $0["Names"] } == [["/c3"], ["/c2"]])
  }
}

extension JSONValue {
  var object: JSONObject { members ?? JSONObject() }
}

extension [String: JSONValue] {
  var object: JSONObject { JSONObject(map { JSONObject.Member(key: $0.key, value: $0.value) }) }
}
