import SchemaMigrations

/// How a replica behaves where the contract and the shipped program differ: one named policy each, the contract as
/// default. A defect of the catalogue (spec/05) is a change of these values, never a flag elsewhere (DESIGN §4).
package struct ControlPlaneBehaviour: Sendable, Equatable {
  package var hub = HubPolicies()
  package var dispatch = DispatchPolicies()
  package var enrolment = EnrolmentPolicies()
  package var lifeCycle = LifeCyclePolicies()
  package var sessions = SessionPolicies()
  package var streaming = StreamingPolicies()
  package var database = DatabasePolicies()
  /// The runner of migrations in the binary.
  package var migrations = MigrationBehaviour()

  package init() {}

  /// Every policy as the design records promise it (spec/00).
  package static let contract = ControlPlaneBehaviour()

  /// What the shipped program does (branch head, spec/01, spec/02, spec/07), but for what would end it at once: it
  /// ignores the protocol that agents name, and serves them as it always did (C33, XP-07).
  package static let shipped: ControlPlaneBehaviour = {
    var behaviour = ControlPlaneBehaviour()
    behaviour.hub = .shipped
    behaviour.dispatch = .shipped
    behaviour.enrolment = .shipped
    behaviour.lifeCycle = .shipped
    behaviour.sessions = .shipped
    behaviour.streaming = .shipped
    behaviour.migrations = .shipped
    return behaviour
  }()
}
