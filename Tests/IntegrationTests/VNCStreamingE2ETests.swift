import Oracles
import Reporting
import Scenarios
import SimulatedEnvironment
import TestEnvironment
import Testing

/// Scenario 4 under the contract: what it promises beyond what ``ContractTests`` ask of all.
@Suite("VNC streaming end to end")
struct VNCStreamingE2ETests {
  /// What `./sim run vnc-streaming-e2e` runs.
  static let plain = CaseAndVariant.plain(of: .vncStreaming, seed: ContractRuns.seed)

  @Test("every viewer that a case opened was compared with its desktop byte by byte", arguments: plain)
  func comparesStreams(_ item: CaseAndVariant) async throws {
    let run = await ContractRuns.run(item)
    let bytes = try #require(run.invariants.first { $0.id == "I-VNC-BYTES" })
    let streams = run.observations.count { if case .streamCompared = $0.observation { true } else { false } }
    let sockets = run.observations.count {
      if case .viewerAnswered(_, _, 101, _) = $0.observation { true } else { false }
    }
    #expect(bytes.outcome == .held, "again: \(run.replayLine)")
    #expect(streams == sockets, "\(sockets) viewers, \(streams) compared\nagain: \(run.replayLine)")
  }

  @Test("nothing of a stream is left when a case is over", arguments: plain)
  func leavesNothing(_ item: CaseAndVariant) async {
    let run = await ContractRuns.run(item)
    var tunnels: Set<Int> = []
    var attachments: Set<String> = []
    for timed in run.observations {
      switch timed.observation {
      case .tunnelOpened(let number, _, _): tunnels.insert(number)
      case .tunnelClosed(let number, _): tunnels.remove(number)
      case .viewerAttached(_, let attachment): attachments.insert(attachment)
      case .viewerDetached(_, let attachment): attachments.remove(attachment)
      default: break
      }
    }
    #expect(tunnels.isEmpty && attachments.isEmpty, "again: \(run.replayLine)")
  }

  @Test("every way of cutting bytes is tried, each both ways", arguments: ["VNC-K-02", "VNC-D-02"])
  func cutsBytes(_ id: String) async {
    let runs = await ContractRuns.runs(Self.plain.filter { $0.testCase.id == id })
    let rows = runs.flatMap(\.tables).filter { $0.table == "integrity" }
    #expect(Set(rows.compactMap { $0["split"].map { "\($0)" } }).count == 6)
    for row in rows {
      #expect(row["bytes to the desktop"] == row["bytes to the viewer"])
      #expect(row["equal"] == .text("yes"))
    }
  }

  @Test("both platforms go through the same grammar of events")
  func parity() async {
    let runs = await ContractRuns.runs(Self.plain.filter { $0.testCase.id == "VNC-D-07" })
    let rows = runs.flatMap(\.tables).filter { $0.table == "parity" }
    var texts: [String: Set<String>] = [:]
    var platforms: [String: Int] = [:]
    for row in rows {
      guard case .text(let what)? = row["what"] else { continue }
      platforms[what, default: 0] += 1
      if case .text(let value)? = row["value"] { texts[what, default: []].insert(value) }
    }
    #expect(platforms.count >= 10)
    #expect(platforms.values.allSatisfy { $0 == 2 })
    #expect(texts.values.allSatisfy { $0.count == 1 }, "\(texts)")
  }

  @Test("the report has a part for each platform, figures and pictures")
  func report() async throws {
    let runs = await ContractRuns.runs(Self.plain)
    let suite = SuiteRun(
      runs: runs, seeds: 1...1, profile: "contract", environment: "simulated", depth: .plain, command: "./sim run")
    let files = ReportFiles.files(for: suite)
    let report = try #require(files.first { $0.name == ScenarioName.vncStreaming.reportFile })
    let text = String(decoding: report.bytes, as: UTF8.self)
    for title in [
      "### Streams on Kubernetes", "### Streams on Docker", "### Difference of the platforms", "#### Handshake",
      "#### Latency", "#### Throughput", "#### Stall gaps", "#### Byte integrity", "#### Interruptions",
      "### Screenshots",
    ] {
      #expect(text.contains(title), "\(title) is missing")
    }
    let pictures = files.filter { $0.name.hasSuffix(".png") }
    #expect(pictures.count >= 6)
    // The signature of a PNG file (ISO/IEC 15948, 5.2).
    #expect(pictures.allSatisfy { $0.bytes.starts(with: [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]) })
    #expect(files.count { $0.name.hasSuffix(".svg") && $0.name.contains("latency") } == 2)
  }
}
