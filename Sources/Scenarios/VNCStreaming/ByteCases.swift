import TestEnvironment

extension VNCStreaming {
  /// Every byte in order, each event once.
  static let byteCases: [TestCase] = [
    integrity("VNC-K-02", "Byte integrity", .t1, kills: ["B-63", "C-20", "C-21"]),
    pointerAndKeyboard,
    integrity("VNC-D-02", "Integrity and input", .td, kills: []),
  ]

  /// The ways in which bytes are cut, by number.
  private static let splits: [(name: String, split: StreamSplit, shortWrites: Int?)] = [
    ("1 B to 32 KiB, drawn", .uniform(most: 32_768), nil), ("32 KiB each", .fixed(32_768), nil),
    ("sizes 1 mod 3", .modulo3(remainder: 1), nil), ("sizes 2 mod 3", .modulo3(remainder: 2), nil),
    ("single bytes first", .singles(first: 65_536, then: 32_768), nil),
    ("the desktop takes 4 KiB at a time", .fixed(32_768), 4_096),
  ]

  /// 10 MB each way; single bytes cost a message each, of which a plain run does a sixteenth.
  private static let volume = 10_000_000
  private static let plainSingles = 4_096

  private static func integrity(_ id: String, _ title: String, _ topology: Topology, kills: [String]) -> TestCase {
    let isDocker = topology.agents[0].platform == .docker
    var variants = splits.enumerated().map { Variant($1.name, topology, parameter: Int64($0)) }
    if isDocker { variants.append(Variant("pointer and keyboard", topology, parameter: -1)) }
    let desktop = isDocker ? "docker" : "k8s"
    return TestCase(
      id, title, in: scenario, source: "[+]", live: true, variants: variants, plain: .inTurn,
      needs: [isDocker ? "replicas:2" : "replicas:1", desktop] + (isDocker ? ["vnc"] : []) + ["vnc-raw"],
      checks: ["I-VNC-BYTES"], kills: kills
    ) { environment in
      try await environment.awaitAgents()
      guard environment.variant.parameter >= 0 else { return try await environment.judgeInput() }
      let (name, split, shortWrites) = splits[Int(environment.variant.parameter)]
      let session = try await environment.runningDesktop(DesktopTemplate.raw)
      if let shortWrites { try await environment.desktop(of: session.name, .shortWrites(shortWrites)) }
      var manner = split
      var count = volume
      if case .singles(_, let rest) = split, environment.depth == .plain {
        manner = .singles(first: plainSingles, then: rest)
        count = volume / 16
      }
      try await environment.expectEcho(session, count: count, manner, title: name)
    }
  }

  private static let pointerAndKeyboard = TestCase(
    "VNC-K-03", "Pointer and keyboard", in: scenario, source: "[P 1.1e]", live: true, variants: [Variant("", .t1)],
    needs: ["replicas:1", "k8s", "vnc"], checks: ["I-VNC-BYTES"], kills: ["B-19"]
  ) { environment in
    try await environment.awaitAgents()
    try await environment.judgeInput()
  }
}

extension Environment {
  /// 1000 pointer events at 60 a second, 200 keys, commands of other sessions beside them.
  fileprivate func judgeInput() async throws {
    let events = depth == .full ? 1_000 : 300
    let keys = events / 5
    let session = try await runningDesktop()
    let owner = try await requireHolder(of: agents[0])
    let viewer = try await opened(session)
    let begun = now
    let results = try await concurrently([
      { @Sendable in
        var last = 0
        for index in 0..<events {
          try await self.sleep(until: begun + .microseconds(16_667 * index))
          last = try await viewer.point(x: index % 300, y: index % 190, buttons: index / 10 % 2)
          // The release has the number after the press.
          if index % 5 == 4 { last = try await viewer.type(keysym: 0x61 + index % 26) + 1 }
        }
        // The marker shows the number of the last event when all before it have been taken.
        return try await viewer.inputLatency(of: last, within: .seconds(5)) == nil ? 0 : 1
      },
      { @Sendable in
        // Starts and stops of others over the same socket of the agent.
        var accepted = 0
        for _ in 0..<3 {
          let answers = try await self.concurrently(
            [2, 3].map { user in
              { @Sendable in try await self.user(self.userName(user)).create(SessionRequest(), at: nil) }
            })
          accepted += answers.count { $0.isAccepted }
          try await self.sleep(for: .seconds(1))
        }
        return accepted
      },
    ])
    expect("the last event has shown", .equal(.count(1)), results[0])
    expect("creates accepted beside it", .equal(.count(6)), results[1])
    let facts = viewer.facts
    expect("events that showed", .atLeast(.count(events)), facts.inputLatencies.count)
    // Each key is pressed and released.
    expect("key events that the desktop received", .equal(.count(keys * 2)), facts.keyLatencies.count)
    expectP95("input latency", below: .milliseconds(100), facts.inputLatencies)
    expectP95("key latency", below: .milliseconds(50), facts.keyLatencies)
    recordLatencies(of: viewer, owner: owner)
    try await sleep(for: .seconds(1))
    try await expectSamePicture("picture afterwards", viewer)
    try await expect("all commands are completed", within: .seconds(60), every: .milliseconds(500)) {
      try await self.commandRows(session: nil).allSatisfy { $0.status == "completed" }
    }
  }
}
