/// How a replica behaves where the contract and the shipped program differ: one named policy each, the contract as
/// default. A defect of the catalogue (spec/05) is a change of these values, never a flag elsewhere (DESIGN §4).
package struct ControlPlaneBehaviour: Sendable, Equatable {
  package var hub = HubPolicies()
  package var dispatch = DispatchPolicies()
  package var enrolment = EnrolmentPolicies()
  package var lifeCycle = LifeCyclePolicies()
  package var sessions = SessionPolicies()

  package init() {}

  /// Every policy as the design records promise it (spec/00).
  package static let contract = ControlPlaneBehaviour()
}
