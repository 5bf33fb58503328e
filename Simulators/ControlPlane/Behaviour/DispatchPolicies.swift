/// How commands reach agents and how their rows move (spec/00 C3, C10 to C12, C34).
package struct DispatchPolicies: Sendable, Equatable {
  /// What the scan for commands does with a row that holds NULL in a column of text.
  package enum PendingScan: Sendable, Equatable {
    /// Reads it.
    case toleratesNull
    /// Skips rows without `error_message`, which are all new ones.
    case skipsNullError
    /// Skips rows without `session_id`.
    case skipsNullSession
  }

  /// What a PUBLISH without receiver means to the sender.
  package enum UnheardPublish: Sendable, Equatable {
    /// A failed delivery: the row stays `pending` (C3).
    case failure
    /// A delivery: the sender writes `sent` (B-10, H05).
    case countsAsSent
  }

  /// What the replica that holds the agent does with a forwarded command.
  package enum ForwardedDelivery: Sendable, Equatable {
    /// Takes it as a hint and sends what it can claim of the agent's rows (C10).
    case claimsRow
    /// Hands the frame on as it came and drops it when the agent is gone or its buffer full; the sender has written
    /// `sent` already (B-11).
    case relaysFrame
  }

  /// What a command for an agent without connection does.
  package enum AbsentAgent: Sendable, Equatable {
    /// Waits up to 5 min (C12).
    case waits
    /// Fails at once (B-14).
    case failsAtOnce
  }

  /// What happens to the open commands of an agent when it connects.
  package enum Reconnection: Sendable, Equatable {
    /// They are sent again at once (C10).
    case resends
    /// Nothing (B-14).
    case nothing
  }

  /// What a starting replica does with pending commands.
  package enum StartUp: Sendable, Equatable {
    /// Nothing: its scan finds those of the agents it holds.
    case nothing
    /// Fails those of agents that are not connected yet, which are all (B-15).
    case failsAll
    /// Sends all of them, also those another replica has in hand (B-16, H21).
    case sendsUnclaimed
  }

  /// How the row becomes `sent`.
  package enum SentUpdate: Sendable, Equatable {
    /// Only from `pending` (C11).
    case guarded
    /// From anything (B-17, H23).
    case unconditional
  }

  /// How an agent's answer moves the row.
  package enum AnswerUpdate: Sendable, Equatable {
    /// Only forward (C11).
    case forwardOnly
    /// To whatever the answer says (B-18).
    case unconditional
  }

  /// In which order the commands of one moment reach the agent.
  package enum Order: Sendable, Equatable {
    /// As they were created (C10).
    case creation
    /// As ten workers happen to finish (B-20, H24).
    case anyWorker
  }

  /// What becomes of a command whose agent does not answer.
  package enum Unanswered: Sendable, Equatable {
    /// It is sent again, and given up after the deadline of its action (C10, C11).
    case sentAgainAndGivenUp
    /// It stays as it is (B-22).
    case left
  }

  /// How a replica finds rows that nobody told it of.
  package enum Search: Sendable, Equatable {
    /// Every 5 s, and when its subscription stands again (C3, C10).
    case periodic
    /// Not at all: what was published while it did not listen is lost (C-10).
    case none
  }

  /// Whether the table takes what the replica writes about the way of a command.
  package enum Transitions: Sendable, Equatable {
    /// It does.
    case stored
    /// The statements name a column that the table does not have: each fails, and is only logged (A-08, B-24).
    case columnMissing
  }

  /// Who answers for a command that its agent has acknowledged.
  package enum Acknowledgement: Sendable, Equatable {
    /// The control plane, until the result: it asks again at a reconnect, and gives up in time (C10, C11).
    case receipt
    /// The agent, alone: what it loses in a crash nobody asks for again (C-06).
    case handover
  }

  /// Where accepted commands wait.
  package enum Backlog: Sendable, Equatable {
    /// In the table, however many (C35).
    case table
    /// In the memory of the replica that holds the agent, up to so many; what finds it full is logged, and nobody looks
    /// for its row (B-23).
    case memory(capacity: Int)
  }

  package var pendingScan = PendingScan.toleratesNull
  package var unheardPublish = UnheardPublish.failure
  package var forwardedDelivery = ForwardedDelivery.claimsRow
  package var absentAgent = AbsentAgent.waits
  package var reconnection = Reconnection.resends
  package var startUp = StartUp.nothing
  package var sentUpdate = SentUpdate.guarded
  package var answerUpdate = AnswerUpdate.forwardOnly
  package var order = Order.creation
  package var unanswered = Unanswered.sentAgainAndGivenUp
  package var search = Search.periodic
  package var transitions = Transitions.stored
  package var acknowledgement = Acknowledgement.receipt
  package var backlog = Backlog.table

  package init() {}

  /// What the shipped program does (spec/01 §3; spec/05 §4.2).
  package static let shipped: DispatchPolicies = {
    var policies = DispatchPolicies()
    policies.unheardPublish = .countsAsSent
    policies.forwardedDelivery = .relaysFrame
    policies.absentAgent = .failsAtOnce
    policies.reconnection = .nothing
    policies.startUp = .sendsUnclaimed
    policies.sentUpdate = .unconditional
    policies.answerUpdate = .unconditional
    policies.order = .anyWorker
    policies.unanswered = .left
    policies.search = .none
    return policies
  }()
}
