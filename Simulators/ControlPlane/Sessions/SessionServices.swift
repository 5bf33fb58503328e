import SimulationRuntime
import StreamSpaceProtocol

/// What all parts of one replica that deal with sessions share: the database, ids, policies, and whom to tell.
package final class SessionServices {
  unowned let incarnation: Incarnation
  let database: DatabaseClient
  let policies: SessionPolicies
  /// `PLATFORM`: where neither template nor application names one (C17).
  let defaultPlatform: String
  let identifiers: SessionIdentifiers
  /// Told after a commit that wrote a command, with the command where it is at hand: the dispatcher may send it at once
  /// (C3: the row alone would do).
  package var onCommandWritten: ((_ command: AgentCommand?, _ agentID: String) -> Void)?
  /// Whether this replica itself holds the agent's connection; asked under ``SessionPolicies/Reach/ownConnections`` only.
  var holdsConnection: (_ agentID: String) -> Bool = { _ in false }
  /// Whether an agent can be reached now; for the policy that accepts nothing else.
  var reaches: ((_ agentID: String, _ done: @escaping (Bool) -> Void) -> Void)?
  /// Told of reports and how they were judged.
  var tell: (ControlPlaneEvent) -> Void = { _ in }
  /// Makes cached answers stale (C19) and then calls on; set by the response cache when there is one.
  var invalidate: ((_ then: @escaping () -> Void) -> Void)?

  package init(
    _ incarnation: Incarnation, database: DatabaseClient, policies: SessionPolicies, defaultPlatform: String
  ) {
    self.incarnation = incarnation
    self.database = database
    self.policies = policies
    self.defaultPlatform = defaultPlatform
    identifiers = SessionIdentifiers(incarnation, suffixValues: policies.suffixValues)
  }

  /// After a commit that changed a session: cached answers become stale before anybody is told of the change.
  func committed(commandFor agentID: String?, _ command: AgentCommand? = nil, _ then: @escaping () -> Void) {
    if let agentID { onCommandWritten?(command, agentID) }
    if let invalidate { invalidate(then) } else { then() }
  }
}

/// The ids a replica draws, each kind from a stream of its own.
struct SessionIdentifiers {
  private let decisions: Decisions
  private let names: DecisionStream
  private let commands: DecisionStream
  private let connections: DecisionStream
  private let suffixValues: UInt64

  init(_ incarnation: Incarnation, suffixValues: UInt64) {
    decisions = incarnation.decisions
    self.suffixValues = suffixValues
    let process = incarnation.process.name
    names = decisions.stream("controlplane.session.\(process)")
    commands = decisions.stream("controlplane.command.\(process)")
    connections = decisions.stream("controlplane.connection.\(process)")
  }

  /// `{user}-{template}-{8 hex}` (spec/02 §5.2).
  func session(user: String, template: String) -> String {
    let number = String(decisions.draw(names, below: suffixValues), radix: 16)
    return "\(user)-\(template)-" + String(repeating: "0", count: max(0, 8 - number.utf8.count)) + number
  }

  /// `cmd-` + 8 hex: a command that a request asked for.
  func requestedCommand() -> String { "cmd-" + decisions.hex(commands, digits: 8) }

  /// `cmd-` + UUID: a command of the control plane's own (spec/07 §2).
  func ownCommand() -> String { "cmd-" + decisions.uuid(commands) }

  func connection() -> String { decisions.uuid(connections) }
}

/// A refusal: what a workflow ends with when it may not go on.
package struct Refusal: Error, Sendable, Hashable {
  package var status: HTTPStatus
  package var body: ErrorBody

  package init(_ status: HTTPStatus, _ body: ErrorBody) {
    self.status = status
    self.body = body
  }

  /// A database that did not do what was asked. Only the wait for a connection has an answer of its own (C35).
  static func database(_ error: DatabaseError, _ text: String) -> Refusal {
    if case .busy = error { return Refusal(.serviceUnavailable, .serverBusy) }
    return Refusal(.internalServerError, ErrorBody(text, message: error.description))
  }

  var response: HTTPResponse { HTTPResponse(status, body) }
}
