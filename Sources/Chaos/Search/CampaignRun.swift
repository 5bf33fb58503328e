import TestEnvironment

/// What a campaign keeps of one run until it is counted.
package struct CampaignRun: Sendable {
  package var seed: UInt64
  package var plan: ChaosPlan
  /// Whether the plan was changed by the search: then the seed alone does not repeat it.
  package var isChanged: Bool
  /// Nil: green.
  package var signature: String?
  package var message: String
  /// When the first violation came about, since the start of the run.
  package var time: Duration
  package var fingerprint: String
  /// Kind and fate of each fault.
  package var faults: [(kind: String, fate: FaultEffect.Fate)]
  /// What may go together with failures, each once: fault kinds that had an effect, their targets, recipes, deployment.
  package var traits: [String]
  package var obligations: [String: Int]
  package var coverage: [UInt64]
  package var kernelEvents: Int
  package var statements: Int
  package var virtualTime: Duration

  package init(_ outcome: ChaosOutcome, seed: UInt64, isChanged: Bool = false) {
    self.seed = seed
    plan = outcome.plan
    self.isChanged = isChanged
    signature = outcome.signature
    message = outcome.violations.first?.message ?? outcome.problems.first ?? ""
    time = outcome.violations.first?.time ?? .zero
    fingerprint = outcome.fingerprint
    faults = zip(outcome.plan.faults, outcome.faults).map { (FaultKind.name(of: $0.what), $1.fate) }
    traits = Self.traits(of: outcome)
    obligations = outcome.obligations
    coverage = outcome.coverage
    kernelEvents = outcome.kernelEvents
    statements = outcome.statements
    virtualTime = outcome.virtualTime
  }

  private static func traits(of outcome: ChaosOutcome) -> [String] {
    var traits: Set<String> = []
    for (planned, effect) in zip(outcome.plan.faults, outcome.faults) {
      guard case .effective = effect.fate else { continue }
      let kind = FaultKind.name(of: planned.what)
      traits.insert(kind)
      if let role = FaultKind.role(of: planned.what) { traits.insert("\(kind): \(role)") }
      if !planned.recipe.isEmpty { traits.insert("recipe: \(planned.recipe)") }
    }
    let deployment = outcome.plan.deployment
    traits.insert("replicas: \(deployment.replicas)")
    traits.insert(deployment.hasRedis ? "with Redis" : "without Redis")
    if deployment.cacheEnabled { traits.insert("with cache") }
    for agent in deployment.agents {
      traits.insert("agent: \(agent.platform == .kubernetes ? "Kubernetes" : "Docker") x \(agent.instances)")
    }
    return traits.sorted()
  }
}
