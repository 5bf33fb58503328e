import Oracles
import TestEnvironment
import Testing

@testable import Reporting

@Suite("Expectation lines")
struct ExpectationLineTests {
  private func run(_ seed: UInt64, _ expectations: TestEnvironment.Expectation...) -> CaseRun {
    SampleRuns.run(seed: seed, expectations: expectations)
  }

  @Test("durations of several runs become quantiles, the slowest seed is named")
  func durations() throws {
    let runs = [(1, 300), (2, 900), (3, 500)].map { seed, milliseconds in
      run(UInt64(seed), SampleRuns.within("back", .seconds(1), measured: .milliseconds(milliseconds)))
    }
    let line = try #require(ExpectationLine.lines(of: runs).first)
    #expect(line.name == "back")
    #expect(line.target == "≤ 1000 ms")
    #expect(line.measured == "500 ms / 900 ms / 900 ms / 900 ms")
    #expect(line.verdict == "met")
    #expect(line.worstSeed == "2")
  }

  @Test("one run that missed makes the line missed, and its seed is the worst")
  func missed() throws {
    let runs = [
      run(4, SampleRuns.count("lost", 0, measured: 0)), run(5, SampleRuns.count("lost", 0, measured: 2)),
      run(6, SampleRuns.count("lost", 0, measured: 7)),
    ]
    let line = try #require(ExpectationLine.lines(of: runs).first)
    #expect(line.measured == "0, 2, 7")
    #expect(line.verdict == "**missed**")
    #expect(line.worstSeed == "5")
  }

  @Test("equal values are named once, at most four are shown")
  func values() throws {
    let measured = [1, 1, 2, 3, 4, 5]
    let runs = measured.enumerated().map { index, count in
      run(
        UInt64(index),
        TestEnvironment.Expectation(name: "n", target: .reported, measured: .count(count), time: .zero))
    }
    let line = try #require(ExpectationLine.lines(of: runs).first)
    #expect(line.measured == "1, 2, 3, 4, …")
    #expect(line.verdict == "reported")
  }

  @Test("lines keep the order of the first run; what only later runs recorded follows")
  func order() {
    let runs = [
      run(1, SampleRuns.count("b", 1, measured: 1), SampleRuns.count("a", 1, measured: 1)),
      run(2, SampleRuns.count("a", 1, measured: 1), SampleRuns.count("c", 1, measured: 1)),
    ]
    #expect(ExpectationLine.lines(of: runs).map(\.name) == ["b", "a", "c"])
  }

  @Test("one name with two targets is two lines")
  func targets() {
    let runs = [run(1, SampleRuns.count("n", 1, measured: 1)), run(2, SampleRuns.count("n", 2, measured: 2))]
    #expect(ExpectationLine.lines(of: runs).map(\.target) == ["= 1", "= 2"])
  }
}
