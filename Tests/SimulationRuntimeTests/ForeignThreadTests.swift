import Testing

@testable import SimulationRuntime

/// Lets a value cross to another thread, to show that its use there is caught.
private struct Smuggled<Value>: @unchecked Sendable { let value: Value }

@Suite("Foreign threads")
struct ForeignThreadTests {
  @Test("a case body that starts an unstructured task and waits in it traps with a message")
  func unstructuredTask() async throws {
    let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      let simulation = Simulation(.init(seed: 1))
      let cases = simulation.cases
      try cases.run(limit: .seconds(1_000_000_000)) {
        Task.detached { try await cases.sleep(.seconds(1)) }
        // Long enough in real time for the other thread to come here.
        while true { try await cases.sleep(.seconds(1)) }
      }
    }
    let message = String(decoding: result?.standardErrorContent ?? [], as: UTF8.self)
    #expect(message.contains("A simulation was used from a foreign thread"))
    #expect(message.contains("Task {}"))
  }

  @Test("running a simulation on another thread than its own traps")
  func foreignRun() async {
    await #expect(processExitsWith: .failure) {
      let simulation = await MainActor.run { Smuggled(value: Simulation(.init(seed: 1))) }
      await Task.detached { _ = try? simulation.value.run() }.value
    }
  }

  @Test("scheduling an event from another thread traps")
  func foreignSchedule() async {
    await #expect(processExitsWith: .failure) {
      let simulation = await MainActor.run { Smuggled(value: Simulation(.init(seed: 1))) }
      await Task.detached { _ = simulation.value.schedule(after: .zero, testStep) {} }.value
    }
  }
}
