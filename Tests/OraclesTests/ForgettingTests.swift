import TestEnvironment
import Testing

@testable import Oracles

/// A judge of a long run remembers no more after three hours than after one.
@Suite struct ForgettingTests {
  /// Each ten seconds a session is made, runs for a minute and ends, with a viewer in between.
  private static func soak(hours: Int) -> History {
    var history = History.steady()
    let end = hours * 3_600
    history.beats(from: .zero, to: .seconds(end))
    for (number, start) in stride(from: 10, to: end - 100, by: 10).enumerated() {
      let session = "s\(number)"
      history.run(at: .seconds(start), session, user: "u\(number % 50)")
      history.stop(at: .seconds(start + 60), session)
    }
    return history
  }

  private static func judge(_ history: History, retention: Duration?) -> Judge {
    let judge = Judge(context: history.context)
    judge.retention = retention
    for event in history.events { judge.observe(event) }
    return judge
  }

  /// The most that the judge remembers at any moment: it forgets in lots.
  private static func most(_ history: History, retention: Duration?) -> Int {
    let judge = Judge(context: history.context)
    judge.retention = retention
    var most = 0
    for event in history.events {
      judge.observe(event)
      most = max(most, judge.entriesHeld)
    }
    return most
  }

  @Test("what a judge remembers does not grow with the length of a run")
  func staysFlat() {
    let short = Self.most(Self.soak(hours: 1), retention: .seconds(600))
    let long = Self.most(Self.soak(hours: 3), retention: .seconds(600))
    #expect(long <= short * 5 / 4, "\(short) and \(long)")
    #expect(Self.most(Self.soak(hours: 3), retention: nil) > long * 2)
  }

  @Test("what was forgotten raises no alarm, and what lives is still judged")
  func judgesOn() throws {
    var history = Self.soak(hours: 1)
    #expect(
      Self.judge(history, retention: .seconds(600)).finish(at: .seconds(3_600)).allSatisfy { $0.violationCount == 0 })
    // A session that runs from the beginning ends, and its workload stays.
    history.run(at: .seconds(5), "old", user: "u99")
    history.state(at: .seconds(3_300), "old", "running", "terminating")
    history.carryOut(
      at: .seconds(3_300), "stop-old", "stop_session", of: "old", effect: [], state: ("terminating", "terminated"))
    history.at(.seconds(3_400), .loadStopped)
    let verdicts = Self.judge(history, retention: .seconds(600)).finish(at: .seconds(3_600))
    let orphan = try #require(verdicts.first { $0.id == "I-NO-ORPHAN" })
    #expect(orphan.violationCount == 1, "\(orphan.violations)")
  }
}
