import Testing

@testable import LoadModel

@Suite("Arrival process")
struct ArrivalProcessTests {
  @Test("equal processes are equal")
  func equality() {
    #expect(ArrivalProcess.closed(users: 3, think: .seconds(1)) != .closed(users: 2, think: .seconds(1)))
  }
}
