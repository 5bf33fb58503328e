import Oracles
import TestEnvironment
import Testing

@testable import Reporting

/// Every character that XML writes in another way or forbids.
private let hostile = "a < b & c > \"d\" 'e' ]]> \u{0}\u{1}\u{8}\u{B}\u{C}\u{1F}\u{7F}\u{FFFE}\u{FFFF} ü €\u{1F600} end"

@Suite("JUnit report")
struct JUnitTests {
  @Test("it is well formed whatever texts go into it, and says the same")
  func isWellFormed() throws {
    let red = SampleRuns.run(
      SampleRuns.testCase(title: hostile), variant: Variant("<\(hostile)>", .t2), seed: 9, verdict: .failed,
      reason: hostile)
    let elements = try #require(XMLReader.read(JUnitReport.text(SampleRuns.suite([red]))))
    let failure = try #require(elements.first { $0.name == "failure" })
    let message = try #require(failure.attributes["message"])
    #expect(message.hasPrefix("a < b & c > \"d\" 'e' ]]> "))
    #expect(message.hasSuffix(" ü €\u{1F600} end"))
    #expect(failure.text.contains("--seed 9"))
  }

  @Test("one test case per run, with verdicts counted per case")
  func counts() throws {
    let other = SampleRuns.testCase("HA-API-78")
    let runs = [
      SampleRuns.run(seed: 1), SampleRuns.run(seed: 2, verdict: .failed, reason: "no"),
      SampleRuns.run(other, variant: Variant("T1", .t1), verdict: .skipped, reason: "needs vnc"),
    ]
    let elements = try #require(XMLReader.read(JUnitReport.text(SampleRuns.suite(runs))))
    let suites = elements.filter { $0.name == "testsuite" }.map(\.attributes)
    #expect(
      suites == [
        ["name": "HA-API-77", "tests": "2", "failures": "1", "skipped": "0"],
        ["name": "HA-API-78", "tests": "1", "failures": "0", "skipped": "1"],
      ])
    let cases = elements.filter { $0.name == "testcase" }.map(\.attributes)
    #expect(cases.map { $0["name"] } == ["seed 1", "seed 2", "T1, seed 1"])
    #expect(cases.allSatisfy { $0["time"] == "190.123" })
    #expect(cases.map { $0["classname"] }.last == "ha-multi-pod-api.HA-API-78")
    #expect(elements.first { $0.name == "skipped" }?.attributes["message"] == "needs vnc")
  }
}

@Suite("Swim-lane figure")
struct SwimLaneTests {
  @Test("it is well formed whatever texts go into it", arguments: ["crash", hostile])
  func isWellFormed(_ text: String) throws {
    let elements = try #require(XMLReader.read(SwimLaneFigure(run: SampleRuns.eventful(text: text)).svg))
    #expect(elements.first?.name == "svg")
    #expect(elements.contains { $0.name == "circle" })
  }

  @Test("the same run gives the same bytes")
  func isDeterministic() {
    let run = SampleRuns.eventful()
    #expect(SwimLaneFigure(run: run).svg == SwimLaneFigure(run: run).svg)
  }

  @Test("lanes follow the way of a request; each mark and event is inside the figure")
  func lanes() throws {
    let elements = try #require(XMLReader.read(SwimLaneFigure(run: SampleRuns.eventful()).svg))
    let labels = elements.filter { $0.name == "text" && $0.attributes["x"] == "8" }.map(\.text)
    #expect(labels == ["clients", "api-1", "api-2", "redis", "database", "k8s-prod-cluster", "platform"])
    let height = try #require(elements.first?.attributes["height"].flatMap(Int.init))
    for element in elements where element.name == "circle" {
      let x = try #require(element.attributes["cx"].flatMap(Int.init))
      let y = try #require(element.attributes["cy"].flatMap(Int.init))
      #expect((130...940).contains(x) && (46...height).contains(y))
    }
    for element in elements where element.name == "rect" && element.attributes["fill-opacity"] != nil {
      let x = try #require(element.attributes["x"].flatMap(Int.init))
      let width = try #require(element.attributes["width"].flatMap(Int.init))
      #expect(x >= 130 && x + width <= 960)
    }
  }

  @Test("a run with nothing in it can be drawn")
  func empty() {
    #expect(XMLReader.read(SwimLaneFigure(run: SampleRuns.run()).svg) != nil)
  }

  @Test("a failed run is drawn before a green one, a run without marks never")
  func representative() {
    let unmarked = SampleRuns.run(seed: 1, verdict: .failed, reason: "no")
    var green = SampleRuns.eventful()
    green.seed = 2
    var red = SampleRuns.eventful(verdict: .failed)
    red.seed = 3
    #expect(SwimLaneFigure.representative(of: [unmarked]) == nil)
    #expect(SwimLaneFigure.representative(of: [unmarked, green])?.seed == 2)
    #expect(SwimLaneFigure.representative(of: [unmarked, green, red])?.seed == 3)
  }
}
