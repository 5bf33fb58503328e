import StreamSpaceProtocol
import Testing

@Suite("States")
struct StateTests {
  /// The edges of I-SESS-LEGAL, written out once more.
  private static let edges: [(SessionState, [SessionState])] = [
    (.pending, [.running, .failed, .terminating]), (.running, [.hibernating, .failed, .terminating]),
    (.hibernating, [.hibernated, .running, .terminating]), (.hibernated, [.waking, .terminating]),
    (.waking, [.running, .hibernated, .failed, .terminating]), (.terminating, [.terminated]), (.terminated, []),
    (.failed, []),
  ]

  @Test("a session moves along the edges of I-SESS-LEGAL and no others")
  func edges() {
    #expect(Self.edges.count == SessionState.allCases.count)
    for (state, successors) in Self.edges {
      for next in SessionState.allCases {
        #expect(state.mayBecome(next) == successors.contains(next), "\(state) -> \(next)")
      }
      #expect(state.isFinal == successors.isEmpty)
      #expect(state.isFinal || state == .terminating || state.mayBecome(.terminating))
    }
  }

  @Test("a command only moves forward, final statuses are never left (I-CMD-MONO)")
  func commandStatus() {
    let order: [CommandStatus] = [.pending, .sent, .ack, .completed]
    for (index, status) in order.enumerated() {
      for (other, next) in order.enumerated() { #expect(status.mayBecome(next) == (other > index)) }
    }
    #expect(!CommandStatus.completed.mayBecome(.failed) && !CommandStatus.failed.mayBecome(.completed))
    #expect(CommandStatus.pending.mayBecome(.failed))
    #expect(CommandStatus.ack.predecessors == [.pending, .sent])
    #expect(CommandStatus.failed.predecessors == [.pending, .sent, .ack])
  }

  @Test("what a command leads to is a legal step from the state it runs in (C13)")
  func outcomes() {
    for action in AgentAction.allCases {
      #expect(action.stateWhileRunning.mayBecome(action.stateWhenCompleted), "\(action)")
      if let failed = action.stateWhenFailed { #expect(action.stateWhileRunning.mayBecome(failed), "\(action)") }
    }
    #expect(AgentAction.stopSession.stateWhenFailed == nil)
    #expect(AgentAction.startSession.deadline == 300_000_000_000)
    #expect(AgentAction.stopSession.deadline == 120_000_000_000)
  }

  @Test("the phase is the state with its first letter in upper case")
  func phase() {
    #expect(SessionState.hibernating.phase == "Hibernating")
    #expect(GoText.phase(of: "") == "")
    #expect(GoText.phase(of: "yyy") == "Yyy")
  }
}
