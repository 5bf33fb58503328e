/// The status of a command row (spec/02 §5.13).
package enum CommandStatus: String, Sendable, Hashable, CaseIterable, JSONConvertible {
  case pending
  case sent
  case ack
  case completed
  case failed

  /// `completed` and `failed` are never left (C11).
  package var isFinal: Bool { self == .completed || self == .failed }

  /// The place in the order pending, sent, ack, completed or failed; the two final ones share the last place.
  package var rank: Int {
    switch self {
    case .pending: 0
    case .sent: 1
    case .ack: 2
    case .completed, .failed: 3
    }
  }

  /// Whether a row may go from this status to another: only forward, steps may be left out (C11, I-CMD-MONO).
  package func mayBecome(_ next: CommandStatus) -> Bool { rank < next.rank }

  /// The statuses from which a row may come to this one: the guard of the UPDATE.
  package var predecessors: [CommandStatus] {
    CommandStatus.allCases.filter { $0.mayBecome(self) }
  }
}
