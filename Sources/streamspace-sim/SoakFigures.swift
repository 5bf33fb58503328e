import Foundation
import Oracles
import Scenarios
import SimulatedEnvironment
import TestEnvironment

/// `./sim bench soak`: a day of CHAOS-14, which must take no longer than 20 s and no more memory than its first hour.
enum SoakFigures {
  /// spec/06, CHAOS-14.
  private static let seconds: Int64 = 20
  /// What a day may hold beyond an hour. Flat: the rows of 700 sessions and their commands, which a day makes in the
  /// database, take two or three; a decision of this project.
  private static let growth: Int64 = 16

  static func figures() throws -> [BenchmarkFigure] {
    guard let testCase = Catalogue.cases.first(where: { $0.id == "CHAOS-14" }), let variant = testCase.variants.first
    else { return [] }
    let hour = measure(CaseRequest(testCase: testCase, variant: variant, seed: 1))
    let day = measure(CaseRequest(testCase: testCase, variant: variant, seed: 1, depth: .full))
    return [
      BenchmarkFigure(
        name: "soak of 24 h", unit: "ms", value: day.milliseconds, budget: .atMost(seconds * 1_000)),
      BenchmarkFigure(
        name: "  memory beyond one hour's", unit: "MiB", value: day.mebibytes - hour.mebibytes, budget: .atMost(growth)),
      BenchmarkFigure(name: "  most memory", unit: "MiB", value: day.mebibytes),
      BenchmarkFigure(name: "  kernel events", unit: "events", value: Int64(day.run.kernelEvents)),
      BenchmarkFigure(name: "  statements", unit: "statements", value: Int64(day.run.statements)),
      BenchmarkFigure(
        name: "  runs that failed", unit: "runs", value: Int64([hour, day].count { $0.run.verdict != .passed }),
        budget: .atMost(0)),
    ]
  }

  private static func measure(_ request: CaseRequest) -> (run: CaseRun, milliseconds: Int64, mebibytes: Int64) {
    // From here on the system notes the most that is resident anew.
    try? "5".write(toFile: "/proc/self/clear_refs", atomically: false, encoding: .utf8)
    let began = processorTime()
    let run = CaseRunner.run(request)
    return (run, Int64((processorTime() - began) / 1_000_000), mostResidentMebibytes())
  }

  /// Of this thread: others may keep the machine busy.
  private static func processorTime() -> UInt64 {
    var time = timespec()
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
    return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
  }

  /// The most that was resident; zero where the system does not tell.
  private static func mostResidentMebibytes() -> Int64 {
    guard let status = try? String(contentsOfFile: "/proc/self/status", encoding: .utf8),
      let line = status.split(separator: "\n").first(where: { $0.hasPrefix("VmHWM:") }),
      let kibibytes = line.split(whereSeparator: { $0 == " " || $0 == "\t" }).dropFirst().first.flatMap({ Int64($0) })
    else { return 0 }
    return kibibytes / 1_024
  }
}
