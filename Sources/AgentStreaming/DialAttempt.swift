import SimulationRuntime

/// One attempt to reach a desktop. It ends once; what comes after that, or after it was cancelled, is closed. A patient one
/// waits for a workload that is not ready (spec/00, Streaming, 1).
package final class DialAttempt {
  package enum Outcome {
    /// The stream stands; the port is the desktop's own.
    case connected(Socket, port: Int, podName: String?)
    /// With the text of the `vnc_error`.
    case failed(String)
  }

  package let sessionID: String
  private unowned let incarnation: Incarnation
  /// The end of all waiting.
  private let deadline: Instant
  private var completion: ((Outcome) -> Void)?

  package init(
    _ sessionID: String, isPatient: Bool, by incarnation: Incarnation, _ completion: @escaping (Outcome) -> Void
  ) {
    self.sessionID = sessionID
    self.incarnation = incarnation
    deadline = incarnation.monotonicNow + (isPatient ? TunnelTiming.readiness : .zero)
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

  /// Looks again with `look` after a while if there is time for that, else fails with `text`.
  package func again(_ text: String, _ label: EventLabel, _ look: @escaping () -> Void) {
    guard !isOver else { return }
    guard incarnation.monotonicNow + TunnelTiming.poll < deadline else { return finish(.failed(text)) }
    incarnation.after(TunnelTiming.poll, label) { [self] in
      if !isOver { look() }
    }
  }
}
