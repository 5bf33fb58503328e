import SimulationRuntime

/// One attempt to reach a desktop. It ends once; what comes after that, or after it was cancelled, is closed.
package final class DialAttempt {
  package enum Outcome {
    /// The stream stands; the port is the desktop's own.
    case connected(Socket, port: Int, podName: String?)
    /// With the text of the `vnc_error`.
    case failed(String)
  }

  package let sessionID: String
  /// Whether a workload that is not ready is waited for (spec/00, Streaming, 1).
  package let isPatient: Bool
  private var completion: ((Outcome) -> Void)?

  package init(_ sessionID: String, isPatient: Bool, _ completion: @escaping (Outcome) -> Void) {
    self.sessionID = sessionID
    self.isPatient = isPatient
    self.completion = completion
  }

  package var isOver: Bool { completion == nil }

  package func finish(_ outcome: Outcome) {
    guard let completion else {
      if case .connected(let socket, _, _) = outcome { socket.reset() }
      return
    }
    self.completion = nil
    completion(outcome)
  }

  package func cancel() { completion = nil }
}
