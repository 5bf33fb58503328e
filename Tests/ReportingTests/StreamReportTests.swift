import Oracles
import Reporting
import TestEnvironment
import Testing

/// The extras of scenario 4: two parts, their difference, pictures beside the report.
@Suite struct StreamReportTests {
  private static func run(
    _ id: String, _ topology: Topology, seed: UInt64 = 1, in scenario: ScenarioName = .vncStreaming,
    _ change: (inout CaseRun) -> Void
  ) -> CaseRun {
    let testCase = TestCase(
      id, "Made up", in: scenario, source: "[+]", variants: [Variant("", topology)], needs: [], checks: [], kills: []
    ) { _ in }
    var run = CaseRun(
      testCase: testCase, variant: testCase.variants[0], seed: seed, depth: .plain, profile: "contract",
      verdict: .passed, reason: "")
    change(&run)
    return run
  }

  private static func streamed(_ id: String, _ platform: Topology.Agent.Platform, milliseconds: Int64) -> CaseRun {
    run(id, platform == .kubernetes ? .t1 : .td) { run in
      run.tables = [
        .handshake(platform, .direct, step: "upgrade", after: .milliseconds(milliseconds)),
        .handshake(platform, .relayed, step: "picture", after: .milliseconds(milliseconds * 10)),
        .throughput(platform, "echo", bytes: 10_000_000, in: .seconds(4)),
        .stalls(platform, "one desktop", worst: 118, longestGap: .milliseconds(90)),
        .integrity(platform, split: "32 KiB each", toDesktop: 10, toViewer: 10, equal: true),
        .interruption(platform, "cut", viewers: 4, told: .seconds(11), reopened: .seconds(14)),
        .parity("handshake", platform, .text("upgrade picture")),
      ]
      run.samples = [
        (StreamLatency.input.sampleName(platform, .direct), (1...100).map { .milliseconds($0) }),
        (StreamLatency.update.sampleName(platform, .direct), (1...100).map { .milliseconds($0 * milliseconds / 10) }),
      ]
      run.attachments = [
        CaseAttachment(subject: "pod evicted", caption: "before", png: [1, 2, 3]),
        CaseAttachment(subject: "pod evicted", caption: "after", png: [4]),
      ]
    }
  }

  private static func files(_ runs: [CaseRun]) -> [ReportFile] {
    ReportFiles.files(
      for: SuiteRun(
        runs: runs, seeds: 1...2, profile: "contract", environment: "simulated", depth: .plain, command: "./sim run"))
  }

  private static func text(_ files: [ReportFile], _ name: String) -> String {
    files.first { $0.name == name }.map { String(decoding: $0.bytes, as: UTF8.self) } ?? ""
  }

  private static let both = [
    streamed("VNC-K-01", .kubernetes, milliseconds: 4), streamed("VNC-D-01", .docker, milliseconds: 6),
  ]
  private static let report = "INTEGRATION_TEST_VNC_STREAMING_E2E.md"

  @Test("each platform has its part, and the two stand side by side")
  func twoParts() throws {
    let report = Self.text(Self.files(Self.both), Self.report)
    let kubernetes = try #require(report.range(of: "### Streams on Kubernetes"))
    let docker = try #require(report.range(of: "### Streams on Docker"))
    let difference = try #require(report.range(of: "### Difference of the platforms"))
    #expect(kubernetes.lowerBound < docker.lowerBound && docker.lowerBound < difference.lowerBound)
    #expect(report.contains("| request to upgrade | 4 ms | 6 ms | +2 ms |"))
    #expect(report.contains("| direct | upgrade | 1 | 4 ms / 4 ms / 4 ms / 4 ms |"))
    #expect(report.contains("| handshake | upgrade picture | upgrade picture | yes |"))
  }

  @Test("rates, stalls, integrity and interruptions are printed once, in their parts")
  func tables() {
    let report = Self.text(Self.files(Self.both), Self.report)
    #expect(report.contains("| VNC-K-01 | echo | 10000000 | 4000 ms | 2.50 | 1 |"))
    #expect(report.contains("| VNC-D-01 | one desktop | 118 | 90 ms | 1 |"))
    #expect(report.contains("| VNC-K-01 | 32 KiB each | 10 | 10 | yes | 1 |"))
    #expect(report.components(of: "| VNC-K-01 | cut | 4 | 11.0 s | 14.0 s | 1 |") == 1)
    #expect(!report.contains("### Interruptions of viewers"))
  }

  @Test("a latency beyond its gate is marked")
  func gates() {
    let report = Self.text(Self.files(Self.both), Self.report)
    #expect(report.contains("p95 ≤ 100 ms | met |"))
    #expect(report.contains("| WS | direct | 100 | 20 ms / 38 ms / 39 ms / 40 ms | p95 ≤ 50 ms | met |"))
    #expect(report.contains("| WS | direct | 100 | 30 ms / 57 ms / 59 ms / 60 ms | p95 ≤ 50 ms | **missed** |"))
  }

  @Test("figures and pictures lie beside the report, which links them")
  func attachments() {
    let files = Self.files(Self.both + [Self.streamed("VNC-K-01", .kubernetes, milliseconds: 5)])
    let report = Self.text(files, Self.report)
    let pictures = files.filter { $0.name.hasSuffix(".png") }
    #expect(
      pictures.map(\.name) == [
        "screenshots/VNC-K-01-pod-evicted-before.png", "screenshots/VNC-K-01-pod-evicted-after.png",
        "screenshots/VNC-D-01-pod-evicted-before.png", "screenshots/VNC-D-01-pod-evicted-after.png",
      ])
    #expect(pictures.first?.bytes == [1, 2, 3])
    for picture in pictures { #expect(report.contains("](\(picture.name))")) }
    for platform in ["kubernetes", "docker"] {
      let name = "figures/vnc-streaming-e2e-latency-\(platform).svg"
      #expect(report.contains(name))
      #expect(XMLReader.read(Self.text(files, name)) != nil)
    }
  }

  @Test("other scenarios print interruptions of viewers as a table of their own")
  func elsewhere() {
    let run = Self.run("HA-LE-14", .t3ha, in: .haKubernetesAgentLeaderElection) { run in
      run.tables = [.interruption(.kubernetes, "leader crash", viewers: 5, told: .seconds(1), reopened: .seconds(20))]
    }
    let report = Self.text(Self.files([run]), "INTEGRATION_TEST_HA_K8S_AGENT_LEADER_ELECTION.md")
    #expect(report.contains("### Interruptions of viewers"))
    #expect(!report.contains("### Streams on"))
  }
}

extension String {
  fileprivate func components(of part: String) -> Int {
    split(separator: part, omittingEmptySubsequences: false).count - 1
  }
}
