import SimulationRuntime
import StreamSpaceProtocol
import TestEnvironment

/// A browser that listens to the feed of sessions, and keeps what it hears.
///
/// Unchecked: used by case bodies, which all run on the simulation's thread; the case layer traps anything else.
final class BrowserFeed: FeedListener, @unchecked Sendable {
  private let socket: Socket
  private let simulation: Simulation
  private(set) var messages: [FeedMessage] = []

  /// `tell` gets the sessions that a message names.
  init(_ socket: Socket, _ simulation: Simulation, tell: @escaping ([String]) -> Void) {
    self.socket = socket
    self.simulation = simulation
    socket.onReceive = { [weak self] payload in
      guard let self, let message = (payload as? Frame<WebSocketMessage>)?.value else { return }
      messages.append(FeedMessage(time: Duration(simulation.now), text: String(decoding: message.bytes, as: UTF8.self)))
      if let sessions = (try? JSONParser.parse(Array(message.bytes)))?["sessions"]?.elements {
        tell(sessions.compactMap { $0["name"]?.text })
      }
    }
  }

  func close() async throws {
    try await simulation.cases.perform { [self] _ in
      if socket.isOpen { socket.close() }
    }
  }
}
