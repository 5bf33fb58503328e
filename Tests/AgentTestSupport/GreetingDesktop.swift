import SimulationRuntime

/// A desktop that greets whoever dials it, and hands its end of the stream to the test.
package final class GreetingDesktop: Program {
  package static let greeting = Array("RFB 003.008\n".utf8)

  private let incarnation: Incarnation
  private let port: Int
  private let accepted: (Socket) -> Void

  package init(_ incarnation: Incarnation, port: Int = 5900, _ accepted: @escaping (Socket) -> Void) {
    self.incarnation = incarnation
    self.port = port
    self.accepted = accepted
  }

  package func start() {
    incarnation.simulation.network.listen(incarnation, port: port) { [accepted] call in
      guard let socket = call.accept() else { return }
      socket.send(Bytes(Self.greeting))
      accepted(socket)
    }
  }

  package func terminate() { incarnation.exit("terminated") }
}
