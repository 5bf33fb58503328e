/// Who may register and connect as an agent (spec/00 C1, C6, C7, C28, C33).
package struct EnrolmentPolicies: Sendable, Equatable {
  /// What the bootstrap key opens.
  package enum BootstrapKey: Sendable, Equatable {
    /// Registration alone, until the issued key is first used (C7).
    case untilFirstUse
    /// Everything, for ever, whatever the approval says (H16).
    case always
  }

  /// Whether query, path and body must name one agent.
  package enum Identity: Sendable, Equatable {
    /// They must (C7).
    case mustAgree
    /// The key is checked for one, the other is written (H17).
    case unchecked
  }

  /// What an HTTP registration writes into the agent's row.
  package enum RegistrationStatus: Sendable, Equatable {
    /// Neither status nor heartbeat (C6).
    case untouched
    /// `online` and a fresh heartbeat, before any socket exists (H15).
    case setsOnline
  }

  /// Whether a key that the administrator approved reaches the agent.
  package enum KeyDelivery: Sendable, Equatable {
    /// Over the bootstrap poll (C7).
    case overPoll
    /// Never (spec/07 §2).
    case never
  }

  /// Whether an id that several instances fight for is locked to one of them.
  package enum TakeoverLock: Sendable, Equatable {
    /// After three takeovers of a live connection within 60 s (C1).
    case afterThree
    case never
  }

  /// Whether a leader term is compared with the stored one.
  package enum TermFence: Sendable, Equatable {
    /// Older terms are refused (C28).
    case refusesOlder
    case ignored
  }

  /// Whether a re-registration may change the platform, and an agent may come without protocol.
  package enum PlatformCheck: Sendable, Equatable {
    /// Another platform is refused (C7), and a Docker agent without protocol (C33).
    case strict
    case none
  }

  /// What the answer to a registration says about the frames this control plane speaks.
  package enum ProtocolOffer: Sendable, Equatable {
    /// `"protocol":"2.1"` (C33).
    case contract
    /// Nothing: agents serve it as shipped.
    case none
  }

  /// What the bootstrap key does for an id that has no row yet.
  package enum UnknownAgent: Sendable, Equatable {
    /// It enrols it: 202 (spec/00, Enrolment).
    case enrols
    /// Nothing: the row is looked up before the handler that would make it, 404 for ever.
    case refused
  }

  /// What is left of a registration's body when its key was checked.
  package enum BodyAfterCheck: Sendable, Equatable {
    /// All of it.
    case kept
    /// Nothing: the check has read it, and the handler meets its end.
    case consumed
  }

  /// How the row of an agent is read that has had no connection yet.
  package enum UnconnectedRow: Sendable, Equatable {
    /// As one without takeovers.
    case read
    /// Not at all: its `websocket_id` is NULL and read into a text.
    case rejected
  }

  package var unconnectedRow = UnconnectedRow.read
  package var bootstrapKey = BootstrapKey.untilFirstUse
  package var identity = Identity.mustAgree
  package var registrationStatus = RegistrationStatus.untouched
  package var keyDelivery = KeyDelivery.overPoll
  package var takeoverLock = TakeoverLock.afterThree
  package var termFence = TermFence.refusesOlder
  package var platformCheck = PlatformCheck.strict
  package var protocolOffer = ProtocolOffer.contract
  package var unknownAgent = UnknownAgent.enrols
  package var bodyAfterCheck = BodyAfterCheck.kept

  package init() {}

  /// What the shipped program does (spec/01 §1.1 to §1.3).
  package static let shipped: EnrolmentPolicies = {
    var policies = EnrolmentPolicies()
    policies.bootstrapKey = .always
    policies.identity = .unchecked
    policies.registrationStatus = .setsOnline
    policies.keyDelivery = .never
    policies.takeoverLock = .never
    policies.termFence = .ignored
    policies.platformCheck = .none
    policies.protocolOffer = .none
    return policies
  }()
}
