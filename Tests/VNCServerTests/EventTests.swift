import Testing

@testable import VNCServer

@Suite("Desktop events")
struct EventTests {
  @Test("an event names its connection")
  func names() {
    guard case .opened(let connection) = VNCServerEvent.opened(connection: 7) else {
      Issue.record("another event")
      return
    }
    #expect(connection == 7)
  }
}
