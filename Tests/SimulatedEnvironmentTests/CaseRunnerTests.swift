import Oracles
import Scenarios
import Synchronization
import TestEnvironment
import Testing

@testable import SimulatedEnvironment

@Suite("Case runner")
struct CaseRunnerTests {
  @Test("a case that throws is red, with its message")
  func throwing() {
    let run = CaseRunner.run(adHoc { _ in throw EnvironmentError("the premise does not hold") })
    #expect(run.verdict == .failed)
    #expect(run.reason.contains("the premise does not hold"))
  }

  @Test("a missed target is red, and the case goes on to its end")
  func missedTarget() {
    let run = CaseRunner.run(
      adHoc { environment in
        environment.record.add(
          TestEnvironment.Expectation(
            name: "lost", target: .equal(.count(0)), measured: .count(2), time: environment.now))
        try await environment.sleep(for: .seconds(1))
        environment.tell("reached", "the end")
      })
    #expect(run.verdict == .failed)
    #expect(run.reason == "lost missed its target")
    #expect(run.told("reached") == [.text("the end")])
  }

  @Test("of many problems three are told and the rest counted")
  func manyProblems() {
    let run = CaseRunner.run(
      adHoc { environment in
        for number in 1...5 {
          environment.record.add(
            TestEnvironment.Expectation(
              name: "n\(number)", target: .equal(.count(0)), measured: .count(1), time: environment.now))
        }
      })
    #expect(
      run.reason == "n1 missed its target; n2 missed its target; n3 missed its target; and 2 more")
  }

  @Test("a case that waits too long is given up at its limit")
  func limit() {
    let run = CaseRunner.run(
      adHoc(limit: .seconds(50)) { environment in try await environment.sleep(for: .seconds(3_600)) })
    #expect(run.verdict == .failed)
    #expect(run.reason.contains("time limit"))
    #expect(run.virtualTime < .seconds(200))
  }

  @Test("a sleep of less than a nanosecond ends later than it began, so that one who sleeps until a moment gets there")
  func shortestSleep() {
    let run = CaseRunner.run(
      adHoc { environment in
        let moment = environment.now + .seconds(1) / 3
        var sleeps = 0
        while environment.now < moment, sleeps < 10 {
          try await environment.sleep(for: moment - environment.now)
          sleeps += 1
        }
        environment.tell("sleeps", "\(sleeps)")
      })
    #expect(run.told("sleeps") == [.text("2")])
  }

  @Test("the deployment goes on after the case until what happened last has settled")
  func afterglow() {
    let run = CaseRunner.run(adHoc { try await $0.sleep(for: .seconds(10)) })
    // The agent connects in the first seconds; nothing happens after.
    #expect(run.virtualTime > .seconds(91) && run.virtualTime < .seconds(100))
  }

  @Test("a run made twice has I-DET among its invariants, another has not")
  func determinism() throws {
    let request = adHoc { try await $0.connected() }
    let twice = CaseRunner.run(request, twice: true)
    let verdict = try #require(twice.invariants.first { $0.id == "I-DET" })
    #expect(verdict.outcome == .held)
    #expect(!CaseRunner.run(request).invariants.contains { $0.id == "I-DET" })
  }

  @Test("the second run sends frames through their bytes, unless that is not wanted", arguments: [true, false])
  func throughBytes(isWanted: Bool) {
    let encodes = Mutex<[Bool]>([])
    let run = CaseRunner.run(
      adHoc { environment in
        guard let simulated = environment as? SimulatedCaseEnvironment else { throw EnvironmentError("not simulated") }
        let isEncoding = simulated.simulation.network.transcode != nil
        encodes.withLock { $0.append(isEncoding) }
        try await environment.connected()
      }, twice: true, throughBytes: isWanted)
    #expect(run.reason.isEmpty)
    #expect(encodes.withLock { $0 } == [false, isWanted])
  }

  @Test("a case that reads what a seed does not decide is caught: I-DET names the first event that differs")
  func indeterminism() throws {
    let counter = Counter()
    let run = CaseRunner.run(
      adHoc { environment in
        try await environment.connected()
        try await environment.sleep(for: .milliseconds(counter.next()))
        _ = try await environment.user("u01").list(at: nil)
      }, twice: true)
    #expect(run.verdict == .failed)
    let verdict = try #require(run.invariants.first { $0.id == "I-DET" })
    #expect(verdict.outcome == .violated)
    #expect(verdict.violations.first?.message.contains("first difference") == true)
  }

  @Test("telling a run keeps its events and does not change it")
  func telling() {
    let request = adHoc { try await $0.connected() }
    let plain = CaseRunner.run(request)
    let notes = CaseRunner.tell(request)
    let everything = CaseRunner.tell(request, everything: true)
    #expect(notes.run.fingerprint == plain.fingerprint)
    #expect(everything.run.fingerprint == plain.fingerprint)
    #expect(!notes.events.isEmpty && notes.events.count < everything.events.count)
  }

  @Test("a plain run of a case that scans does one variant, by the seed; a full run does all")
  func variants() throws {
    let testCase = try #require(Catalogue.cases.first { $0.plainVariants == .oneBySeed })
    let chosen = (1...200).map { CaseRequest.variants(of: testCase, seed: $0, depth: .plain) }
    #expect(chosen.allSatisfy { $0.count == 1 })
    // Seeds spread over the variants: 200 draws leave few of 39 out.
    let names = Set(chosen.flatMap { $0.map(\.name) })
    #expect(names.count > testCase.variants.count * 3 / 4)
    #expect(CaseRequest.variants(of: testCase, seed: 7, depth: .full) == testCase.variants)
  }

  @Test("case, variant and seed each change the seed of the simulation")
  func simulationSeed() {
    let first = adHoc { _ in }
    var seed = first
    seed.seed = 2
    var variant = first
    variant.variant.name = "T2"
    var other = first
    other.testCase.id = "TEST-02"
    #expect(Set([first, seed, variant, other].map(\.simulationSeed)).count == 4)
  }
}

/// What no case may have: a memory from run to run.
private final class Counter: @unchecked Sendable {
  private var value = 0

  func next() -> Int {
    value += 1
    return value
  }
}
