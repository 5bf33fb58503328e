import StreamSpaceProtocol

extension Conversation {
  static let networkConversations: [Conversation] = [
    Conversation("networks") { talk in
      try talk.beginEvents()
      try talk.createNetwork(NetworkSpecification(name: "n1", labels: ["app": "streamspace"]))
      try talk.say(.createNetwork(NetworkSpecification(name: "n1", checkDuplicate: true)))
      try talk.say(.inspectNetwork("n1"))
      try talk.say(.inspectNetwork("nowhere"))
      try talk.say(.listNetworks(DockerFilters.none.and("name", "n1")))
      try talk.say(.listNetworks(DockerFilters.none.and("noise", "n1")))
      try talk.say(.removeNetwork("none"))
      try talk.say(.removeNetwork("nowhere"))
      try talk.say(.removeNetwork("n1"))
      try talk.say(.removeNetwork("n1"))
      try talk.noteEvents()
    },
    Conversation("two networks of one name") { talk in
      let first = try talk.quietly(.createNetwork(NetworkSpecification(name: "twin")))["Id"]?.text ?? ""
      let second = try talk.say(.createNetwork(NetworkSpecification(name: "twin")))["Id"]?.text ?? ""
      try talk.say(.inspectNetwork("twin"))
      try talk.say(.removeNetwork("twin"))
      try talk.create("t1", .tiny(network: "twin"))
      try talk.say(.startContainer("t1"))
      for id in [first, second] { try talk.quietly(.removeNetwork(id)) }
    },
    Conversation("connect and disconnect") { talk in
      try talk.createNetwork(NetworkSpecification(name: "c1"))
      try talk.createNetwork(NetworkSpecification(name: "c2"))
      try talk.create("m1", .tiny(network: "c1"))
      try talk.say(.connectNetwork("c1", container: "m1"))
      try talk.say(.startContainer("m1"))
      try talk.say(.connectNetwork("c1", container: "m1"))
      try talk.say(.connectNetwork("c2", container: "m1"))
      try talk.say(.inspectContainer("m1"))
      try talk.say(.inspectNetwork("c2"))
      try talk.say(.disconnectNetwork("c2", container: "m1", force: false))
      try talk.say(.disconnectNetwork("c2", container: "m1", force: false))
      try talk.say(.connectNetwork("c1", container: "nobody"))
      try talk.say(.connectNetwork("nowhere", container: "m1"))
      try talk.create("m2", .tiny())
      try talk.say(.startContainer("m2"))
      try talk.say(.connectNetwork("c1", container: "m2"))
      try talk.say(.connectNetwork("none", container: "m2"))
    },
    Conversation("addresses are given again") { talk in
      try talk.createNetwork(NetworkSpecification(name: "a1"))
      for name in ["i1", "i2", "i3"] {
        try talk.create(name, .tiny(network: "a1"))
        try talk.say(.startContainer(name))
      }
      try talk.say(.removeContainer("i2", force: true, volumes: false))
      try talk.create("i4", .tiny(network: "a1"))
      try talk.say(.startContainer("i4"))
      try talk.say(.inspectContainer("i4"))
      try talk.say(.inspectNetwork("a1"))
    },
    Conversation("host ports") { talk in
      try talk.createNetwork(NetworkSpecification(name: "p"))
      func binding(_ port: Int) -> PortBinding {
        PortBinding("3000/tcp", [PortBinding.HostPort(address: "0.0.0.0", port: port)])
      }
      try talk.create("h1", .tiny(network: "p", ports: [binding(28_411)]))
      try talk.say(.startContainer("h1"))
      try talk.say(.inspectContainer("h1"))
      try talk.create("h2", .tiny(network: "p", ports: [binding(28_411)]))
      try talk.say(.startContainer("h2"))
      try talk.say(.removeContainer("h1", force: true, volumes: false))
      try talk.say(.startContainer("h2"))
      try talk.create(
        "h3", .tiny(network: "p", ports: [.anyHostPort("3000/tcp"), .anyHostPort("5900/tcp")]))
      try talk.say(.startContainer("h3"))
      try talk.say(.inspectContainer("h3"))
      try talk.say(.stopContainer("h3", timeoutSeconds: 0))
      try talk.say(.startContainer("h3"))
      try talk.say(.inspectContainer("h3"))
    },
  ]

  static let volumeConversations: [Conversation] = [
    Conversation("volumes") { talk in
      try talk.beginEvents()
      for name in ["v1", "v2"] { talk.willRemove(volume: name) }
      try talk.say(.createVolume(VolumeSpecification(name: "v1", labels: ["session-id": "s1"])))
      try talk.say(.createVolume(VolumeSpecification(name: "v1", labels: ["session-id": "other"])))
      try talk.say(.inspectVolume("v1"))
      try talk.say(.inspectVolume("nowhere"))
      try talk.create("u1", .tiny(mounts: [HostConfig.Mount(volume: "v2", target: "/data")]))
      try talk.say(.inspectVolume("v2"))
      try talk.say(.removeVolume("v2", force: false))
      try talk.say(.listVolumes(.label("session-id", "s1")))
      try talk.say(.listVolumes(DockerFilters.none.and("noise", "1")))
      try talk.say(.removeContainer("u1", force: false, volumes: true))
      try talk.say(.removeVolume("v2", force: false))
      try talk.say(.removeVolume("v2", force: false))
      try talk.say(.removeVolume("v2", force: true))
      try talk.say(.removeVolume("v1", force: false))
      try talk.noteEvents()
    }
  ]

  static let listConversations: [Conversation] = [
    Conversation("lists of containers") { talk in
      try talk.create("l1", .tiny(labels: ["app": "streamspace", "session-id": "s1"]))
      try talk.create("l2", .tiny(TinyImage.fails, labels: ["app": "streamspace", "session-id": "s2"]))
      try talk.create("l3", .tiny(labels: ["app": "other"]))
      try talk.say(.startContainer("l1"))
      try talk.say(.startContainer("l2"))
      try talk.say(.waitContainer("l2", .notRunning))
      try talk.say(.listContainers(all: false, .none))
      try talk.say(.listContainers(all: true, .none))
      try talk.say(.listContainers(all: true, .label("app", "streamspace")))
      try talk.say(.listContainers(all: true, .label("session-id")))
      try talk.say(.listContainers(all: true, DockerFilters.label("app", "streamspace").and("label", "session-id=s2")))
      try talk.say(.listContainers(all: false, DockerFilters.none.and("status", "exited")))
      try talk.say(.listContainers(all: false, DockerFilters.none.and("exited", "7")))
      try talk.say(.listContainers(all: true, DockerFilters.none.and("name", "l")))
      try talk.say(.listContainers(all: true, DockerFilters.none.and("ancestor", TinyImage.reference)))
      try talk.say(.listContainers(all: true, DockerFilters.none.and("noise", "1")))
      try talk.say(.get, "/v1.41/containers/json?filters=%7B")
      try talk.say(.get, "/v1.41/containers/json?all=1&filters=%7B%22label%22%3A%7B%22app%3Dother%22%3Atrue%7D%7D")
    },
    Conversation("images") { talk in
      try talk.say(.inspectImage(TinyImage.reference))
      try talk.say(.inspectImage("nowhere"))
      try talk.say(.inspectImage("example.invalid/team/nowhere:2"))
      try talk.say(.listImages)
    },
    Conversation("a container by its id") { talk in
      try talk.create("byid", .tiny())
      let id = try talk.quietly(.inspectContainer("byid"))["Id"]?.text ?? ""
      try talk.say(.inspectContainer(id))
      try talk.say(.inspectContainer(String(id.prefix(12))))
      try talk.say(.startContainer(String(id.prefix(12))))
      try talk.say(.inspectContainer("byi"))
    },
  ]

  static let swarmConversations: [Conversation] = [
    Conversation("not in a swarm") { talk in
      try talk.say(.inspectService("agent"))
      try talk.say(.listServices(.none))
      try talk.say(.listTasks(.none))
      try talk.say(.createService(ServiceSpecification(name: "agent", image: TinyImage.reference)))
    },
    Conversation("a service as a lock") { talk in
      try talk.arm.beginSwarm()
      try talk.quietly(.info)
      var specification = ServiceSpecification(
        name: "agent", labels: ["a": "b"], image: TinyImage.reference, containerLabels: ["x": "y"],
        command: TinyImage.sleeps)
      try talk.say(.createService(specification))
      try talk.say(.createService(specification))
      try talk.wait(milliseconds: 4000)
      try talk.quietly(.listTasks(.none))
      try talk.say(.listTasks(.none))
      let before = try talk.say(.inspectService("agent"))["Version"]?["Index"]?.integer
      specification.labels[SwarmLabel.leader(of: "docker-1")] = "task-1"
      try talk.say(.updateService("agent", version: before, specification), withoutQuery: true)
      try talk.say(.updateService("agent", version: before, specification), withoutQuery: true)
      let after = try talk.say(.inspectService("agent"))["Version"]?["Index"]?.integer
      try talk.say(.updateService("agent", version: after, specification), withoutQuery: true)
      try talk.say(.updateService("nobody", version: 1, specification))
      try talk.say(.updateService("agent", version: nil, specification))
      try talk.wait(milliseconds: 1000)
      // A change of labels alone has restarted nothing.
      try talk.say(.listTasks(.none))
      try talk.say(.listContainers(all: true, .none))
      try talk.say(.removeService("agent"))
      try talk.say(.removeService("agent"))
      try talk.say(.inspectService("agent"))
      try talk.wait(milliseconds: 2000)
      try talk.arm.endSwarm()
      try talk.say(.listServices(.none))
      // The index grows with every change.
      talk.note(fact: "the index has grown", (after ?? 0) > (before ?? 0))
    },
  ]
}
