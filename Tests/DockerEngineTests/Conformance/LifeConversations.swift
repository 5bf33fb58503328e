import StreamSpaceProtocol

extension Conversation {
  static let platformConversations: [Conversation] = [
    Conversation("versions and paths") { talk in
      try talk.say(.get, "/_ping")
      try talk.say(.get, "/v1.41/_ping")
      try talk.say(.version)
      try talk.say(.get, "/version")
      try talk.say(.get, "/v1.99/info")
      try talk.say(.get, "/v1.5/info")
      try talk.say(.get, "/v1.41/nothing")
      try talk.say(.delete, "/v1.41/info")
      try talk.say(.post, "/v1.41/containers/x/dance")
    }
  ]

  static let createConversations: [Conversation] = [
    Conversation("what cannot be created") { talk in
      try talk.say(.post, "/v1.41/containers/create?name=x1")
      try talk.say(.post, "/v1.41/containers/create?name=x1", body: "{}")
      try talk.say(.post, "/v1.41/containers/create?name=x1", body: "{\"Ima")
      try talk.say(.createContainer(name: "x1", ContainerSpecification(image: "")))
      try talk.say(.createContainer(name: "x1", ContainerSpecification(image: "nowhere:1", command: ["sleep", "1"])))
      try talk.say(.createContainer(name: "x1", ContainerSpecification(image: "nowhere", command: ["sleep", "1"])))
      try talk.say(.createContainer(name: "x1", .tiny(nil)))
      try talk.say(.createContainer(name: "-x1", .tiny()))
      try talk.say(.createContainer(name: "x", .tiny()))
      try talk.say(.createContainer(name: "x1", .tiny(memory: 6 * 1024 * 1024 - 1)))
      try talk.say(.createContainer(name: "x1", .tiny(nanoCPUs: 500_000_000_000)))
      try talk.say(.createContainer(name: "x1", .tiny(nanoCPUs: -1)))
      try talk.say(
        .createContainer(name: "x1", .tiny(mounts: [HostConfig.Mount(volume: "v1", target: "home")])))
      try talk.say(
        .post, "/v1.41/containers/create?name=x1",
        body: #"{"Image":"tiny:1","Cmd":["sleep","1"],"HostConfig":{"RestartPolicy":{"Name":"sometimes"}}}"#)
      try talk.say(.listContainers(all: true, .none))
    },
    Conversation("limits at their edge") { talk in
      try talk.create("x1", .tiny(memory: 6 * 1024 * 1024, nanoCPUs: 10_000_000))
      try talk.say(.inspectContainer("x1"))
    },
    Conversation("a name that is taken") { talk in
      try talk.create("x1", .tiny())
      try talk.say(.createContainer(name: "x1", .tiny()))
      try talk.create("x2", .tiny())
      try talk.say(.renameContainer("x2", to: "x1"))
      try talk.say(.renameContainer("x2", to: ""))
      try talk.say(.renameContainer("x2", to: "x2b"))
      try talk.say(.inspectContainer("x2"))
      try talk.say(.inspectContainer("x2b"))
      try talk.quietly(.removeContainer("x2b", force: true, volumes: false))
      try talk.say(.renameContainer("nobody", to: "x3"))
    },
  ]

  static let lifeConversations: [Conversation] = [
    Conversation("the life of a session's container") { talk in
      try talk.createNetwork(NetworkSpecification(name: "life", labels: ["app": "streamspace"]))
      try talk.say(.createVolume(VolumeSpecification(name: "life-home", labels: ["session-id": "s1"])))
      talk.willRemove(volume: "life-home")
      try talk.beginEvents()
      try talk.create(
        "life-1",
        .tiny(
          TinyImage.obeys, labels: ["app": "streamspace", "component": "session", "session-id": "s1"],
          network: "life", policy: .unlessStopped, memory: 16_777_216, nanoCPUs: 500_000_000,
          mounts: [HostConfig.Mount(volume: "life-home", target: "/home/streamspace")], environment: ["A=1", "B=x y"],
          ports: [.anyHostPort("3000/tcp")]))
      try talk.say(.inspectContainer("life-1"))
      try talk.say(.startContainer("life-1"))
      try talk.say(.inspectContainer("life-1"))
      try talk.say(.startContainer("life-1"))
      try talk.say(.removeContainer("life-1", force: false, volumes: false))
      try talk.say(.inspectNetwork("life"))
      try talk.say(.removeNetwork("life"))
      try talk.say(.removeVolume("life-home", force: false))
      try talk.say(.stopContainer("life-1", timeoutSeconds: 10))
      try talk.say(.inspectContainer("life-1"))
      try talk.say(.stopContainer("life-1", timeoutSeconds: 10))
      try talk.say(.removeVolume("life-home", force: false))
      try talk.say(.startContainer("life-1"))
      try talk.say(.inspectContainer("life-1"))
      try talk.say(.removeContainer("life-1", force: true, volumes: false))
      try talk.say(.inspectContainer("life-1"))
      try talk.say(.removeContainer("life-1", force: true, volumes: false))
      try talk.noteEvents()
      try talk.say(.inspectVolume("life-home"))
    },
    Conversation("a process that does not obey") { talk in
      try talk.create("deaf", .tiny())
      try talk.beginEvents()
      try talk.say(.startContainer("deaf"))
      try talk.say(.stopContainer("deaf", timeoutSeconds: 1))
      try talk.say(.inspectContainer("deaf"))
      try talk.say(.waitContainer("deaf", .notRunning))
      try talk.noteEvents()
    },
    Conversation("kill") { talk in
      try talk.create("k1", .tiny(TinyImage.obeys, policy: .unlessStopped))
      try talk.say(.killContainer("k1", signal: nil))
      try talk.beginEvents()
      try talk.say(.startContainer("k1"))
      try talk.say(.killContainer("k1", signal: "NOISE"))
      try talk.say(.killContainer("k1", signal: nil))
      try talk.say(.inspectContainer("k1"))
      try talk.say(.startContainer("k1"))
      try talk.say(.killContainer("k1", signal: "SIGTERM"))
      try talk.say(.waitContainer("k1", .notRunning))
      try talk.waitForEnd(of: "k1")
      try talk.say(.inspectContainer("k1"))
      try talk.say(.killContainer("nobody", signal: nil))
      try talk.noteEvents()
    },
    Conversation("restart") { talk in
      try talk.create("r1", .tiny(TinyImage.obeys))
      try talk.beginEvents()
      try talk.say(.restartContainer("r1", timeoutSeconds: 5))
      try talk.say(.restartContainer("r1", timeoutSeconds: 5))
      try talk.say(.inspectContainer("r1"))
      try talk.say(.restartContainer("nobody", timeoutSeconds: 5))
      try talk.noteEvents()
    },
    Conversation("pause") { talk in
      try talk.create("p1", .tiny())
      try talk.say(.pauseContainer("p1"))
      try talk.say(.unpauseContainer("p1"))
      try talk.beginEvents()
      try talk.say(.startContainer("p1"))
      try talk.say(.unpauseContainer("p1"))
      try talk.say(.pauseContainer("p1"))
      try talk.say(.pauseContainer("p1"))
      try talk.say(.inspectContainer("p1"))
      try talk.say(.listContainers(all: false, DockerFilters.none.and("name", "p1")))
      try talk.say(.startContainer("p1"))
      try talk.say(.removeContainer("p1", force: false, volumes: false))
      try talk.say(.unpauseContainer("p1"))
      try talk.say(.pauseContainer("p1"))
      try talk.say(.stopContainer("p1", timeoutSeconds: 1))
      try talk.say(.inspectContainer("p1"))
      try talk.say(.pauseContainer("nobody"))
      try talk.noteEvents()
    },
    Conversation("starts that fail") { talk in
      try talk.createNetwork(NetworkSpecification(name: "fails"))
      try talk.create("f1", .tiny(network: "nowhere"))
      try talk.say(.startContainer("f1"))
      try talk.say(.inspectContainer("f1"))
      try talk.beginEvents()
      try talk.create("f2", .tiny(["nosuchcommand"], network: "fails"))
      try talk.say(.startContainer("f2"))
      try talk.say(.inspectContainer("f2"))
      try talk.say(.stopContainer("f2", timeoutSeconds: 1))
      try talk.say(.removeContainer("f2", force: false, volumes: false))
      try talk.noteEvents()
      try talk.say(.startContainer("nobody"))
      try talk.say(.stopContainer("nobody", timeoutSeconds: 1))
      try talk.say(.waitContainer("nobody", .notRunning))
      try talk.say(.inspectContainer("nobody"))
    },
    Conversation("out of memory") { talk in
      try talk.create("oom", .tiny(TinyImage.devoursMemory, memory: 8_388_608))
      try talk.say(.startContainer("oom"))
      try talk.say(.waitContainer("oom", .notRunning))
      try talk.say(.inspectContainer("oom"))
    },
  ]

  static let policyConversations: [Conversation] = [
    Conversation("on-failure gives up") { talk in
      try talk.create("again", .tiny(TinyImage.fails, policy: .onFailure(maximumRetries: 2)))
      try talk.beginEvents()
      try talk.say(.startContainer("again"))
      try talk.waitForEnd(of: "again")
      try talk.say(.inspectContainer("again"))
      try talk.noteEvents()
    },
    Conversation("unless-stopped goes on until it is stopped") { talk in
      try talk.create("flap", .tiny(TinyImage.fails, policy: .unlessStopped))
      try talk.say(.startContainer("flap"))
      try talk.waitForRestarts(of: "flap", count: 5)
      try talk.say(.listContainers(all: false, DockerFilters.none.and("name", "flap")))
      try talk.say(.pauseContainer("flap"))
      try talk.say(.startContainer("flap"))
      try talk.say(.removeContainer("flap", force: false, volumes: false))
      try talk.say(.stopContainer("flap", timeoutSeconds: 1))
      try talk.say(.inspectContainer("flap"))
    },
    Conversation("a kill ends the policy too") { talk in
      try talk.create("flap2", .tiny(TinyImage.fails, policy: .always))
      try talk.say(.startContainer("flap2"))
      try talk.waitForRestarts(of: "flap2", count: 5)
      try talk.say(.killContainer("flap2", signal: nil))
      try talk.wait(milliseconds: 2500)
      try talk.say(.listContainers(all: true, DockerFilters.none.and("name", "flap2")))
    },
  ]

  static let daemonConversations: [Conversation] = [
    Conversation("the daemon stops and starts") { talk in
      try talk.create("d-stays", .tiny(TinyImage.obeys, policy: .unlessStopped))
      try talk.create("d-stopped", .tiny(TinyImage.obeys, policy: .unlessStopped))
      try talk.create("d-always", .tiny(TinyImage.obeys, policy: .always))
      try talk.create("d-no", .tiny(TinyImage.obeys))
      try talk.create("d-never-started", .tiny(TinyImage.obeys, policy: .always))
      for name in ["d-stays", "d-stopped", "d-always", "d-no"] { try talk.say(.startContainer(name)) }
      for name in ["d-stopped", "d-always"] { try talk.say(.stopContainer(name, timeoutSeconds: 5)) }
      try talk.arm.restartDaemon()
      for name in ["d-stays", "d-stopped", "d-always", "d-no", "d-never-started"] {
        try talk.say(.inspectContainer(name))
      }
    }
  ]
}
