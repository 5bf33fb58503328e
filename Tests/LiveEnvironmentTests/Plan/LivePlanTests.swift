#if Live
  import Foundation
  import Scenarios
  import Testing

  @testable import LiveEnvironment

  @Suite("The plan of a dry run")
  struct LivePlanTests {
    private static func file(_ more: String = "") throws -> EnvironmentFile {
      try EnvironmentFile.parse(
        Data(
          """
          version: 1
          name: x
          api: {replicas: [{name: api-1, url: "http://h:8000", driver: d}, {name: api-2, url: "http://i:8000", driver: d}]}
          admin: {username: admin, password: {env: PW}}
          kubernetes: {context: kind-x, agentId: k8s-1, agentSelector: app=agent}
          databaseServer: {url: {env: DB}}
          drivers: {d: {kind: docker}}
          safety: {allow: [api-2]}
          \(more)
          """.utf8), file: "f", variables: ["PW": "secret-password", "DB": "postgresql://u:secret-password@h/x"])
    }

    private static let label = RunLabel("1a2b3c4d")!

    /// All that a live environment can have.
    private static let everything = CapabilitySet(
      Capability.live.filter { $0 != "no-redis" }.map { CapabilityFinding($0, true, count: 1_000, "") })

    @Test("with every capability the promised cases run, but for what cases declare beyond the table")
    func everything() throws {
      let plan = LivePlan(try Self.file(), Self.everything, label: Self.label, drivers: [])
      #expect(plan.items.count == 157)
      #expect(plan.runs.count >= 95)
      for item in plan.skips {
        #expect(item.missing.allSatisfy { Capability.simulatedOnly.contains($0) || $0 == "no-redis" }, "\(item)")
      }
    }

    @Test("with no capability nothing runs, and each case says why in at most three names")
    func nothing() throws {
      let plan = LivePlan(try Self.file(), CapabilitySet([]), label: Self.label, drivers: [])
      #expect(plan.runs.isEmpty)
      #expect(plan.touched.isEmpty)
      for item in plan.items {
        let reason = try #require(item.reason)
        #expect(reason.hasPrefix("needs "))
        #expect(reason.split(separator: ",").count == min(3, item.missing.count))
      }
      let item = try #require(plan.items.first { $0.id == "HA-API-06" })
      #expect(item.reason == "needs schedule, replicas:2, sql")
    }

    @Test("a case is skipped for one capability that is not there")
    func one() throws {
      let some = CapabilitySet(Self.everything.findings.filter { $0.name != "vnc" })
      let plan = LivePlan(try Self.file(), some, label: Self.label, drivers: [])
      #expect(plan.items.first { $0.id == "HA-API-11" }?.missing == ["vnc"])
      #expect(plan.items.first { $0.id == "HA-API-03" }?.missing == [])
    }

    @Test("everything that would be made carries the run label, and no secret is shown")
    func touched() throws {
      let plan = LivePlan(try Self.file(), Self.everything, label: Self.label, drivers: [])
      #expect(plan.touched.count >= 4)
      for object in plan.touched {
        #expect(object.mark.contains("1a2b3c4d"), "\(object)")
        #expect(!"\(object)".contains("secret-password"))
      }
      #expect(plan.touched.contains { $0.what == "databases" && $0.mark.contains("ssim_1a2b3c4d_") })
      #expect(plan.touched.contains { $0.what == "Kubernetes objects" && $0.mark == "label ssim-run=1a2b3c4d" })
    }

    @Test("only components of safety.allow may be acted on")
    func components() throws {
      let offers = ["api-1", "api-2"].map { ComponentOffer($0, DriverVerb.allCases) }
      let plan = LivePlan(try Self.file(), Self.everything, label: Self.label, drivers: offers)
      #expect(plan.components.map(\.name) == ["api-1", "api-2", "k8s-1"])
      #expect(plan.components[0].verbs == [])
      #expect(plan.components[0].reason == "not in safety.allow")
      #expect(plan.components[1].verbs == DriverVerb.allCases)
    }

    @Test("a run label is eight hexadecimal digits, drawn anew for each run")
    func labels() {
      #expect(RunLabel("1A2B3C4D") == nil)
      #expect(RunLabel("1a2b3c4") == nil)
      #expect(RunLabel("1a2b3c4g") == nil)
      let drawn = (0..<50).map { _ in RunLabel.drawn() }
      #expect(drawn.allSatisfy { RunLabel.isTag($0.tag) })
      #expect(Set(drawn).count == 50)
    }
  }
#endif
