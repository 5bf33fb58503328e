import Foundation
import SimulatedEnvironment
import Synchronization

/// `./sim bench sessions`: the memory that running sessions take while agents beat, viewers look and users come and go.
enum SessionFigures {
  /// DESIGN §3: ten thousand sessions within 2 GiB.
  private static let budget: Int64 = 2_048

  static func figures() throws -> [BenchmarkFigure] {
    var figures: [BenchmarkFigure] = []
    for sessions in [50, 100, 1_000, 10_000] {
      let most = Atomic<Int64>(0)
      let result = try SessionBenchmark.hold(sessions: sessions) {
        let now = residentMebibytes()
        if now > most.load(ordering: .relaxed) { most.store(now, ordering: .relaxed) }
      }
      figures += [
        BenchmarkFigure(
          name: "\(sessions) sessions", unit: "MiB", value: most.load(ordering: .relaxed),
          budget: sessions == 10_000 ? .atMost(budget) : nil),
        BenchmarkFigure(name: "  kernel events", unit: "events", value: Int64(result.kernelEvents)),
        BenchmarkFigure(name: "  statements", unit: "statements", value: Int64(result.statements)),
      ]
    }
    return figures
  }

  /// Resident memory of this process; zero where the system does not tell.
  private static func residentMebibytes() -> Int64 {
    guard let status = try? String(contentsOfFile: "/proc/self/status", encoding: .utf8),
      let line = status.split(separator: "\n").first(where: { $0.hasPrefix("VmRSS:") }),
      let kibibytes = line.split(whereSeparator: { $0 == " " || $0 == "\t" }).dropFirst().first.flatMap({ Int64($0) })
    else { return 0 }
    return kibibytes / 1_024
  }
}
