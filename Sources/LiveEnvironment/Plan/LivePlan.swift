import Scenarios
import TestEnvironment

/// What a live run would do: made without touching anything.
package struct LivePlan: Sendable {
  package struct Item: Sendable, Hashable {
    package var id: String
    package var scenario: String
    package var title: String
    /// Promised to run live (spec/08 §3).
    package var isPromised: Bool
    /// Needed and not there, what cannot be had first; empty: the case would run.
    package var missing: [String]

    /// As a report words it: the first three names.
    package var reason: String? {
      missing.isEmpty ? nil : "needs " + missing.prefix(3).joined(separator: ", ")
    }
  }

  /// In the order of the catalogue.
  package var items: [Item]
  package var touched: [TouchedObject]
  package var components: [TouchedComponent]
  package var label: RunLabel

  package var runs: [Item] { items.filter(\.missing.isEmpty) }
  package var skips: [Item] { items.filter { !$0.missing.isEmpty } }

  /// - Parameter drivers: what the driver of a component offers.
  package init(
    _ file: EnvironmentFile, _ capabilities: CapabilitySet, cases: [TestCase] = Catalogue.cases, label: RunLabel,
    drivers: [ComponentOffer]
  ) {
    items = cases.map { testCase in
      Item(
        id: testCase.id, scenario: testCase.scenario.rawValue, title: testCase.title,
        isPromised: LiveNeeds.need(of: testCase.id)?.isPromised ?? false,
        missing: Self.ordered(capabilities.missing(of: Self.needs(of: testCase))))
    }
    self.label = label
    touched = TouchedObject.all(file, capabilities, label)
    components = TouchedComponent.all(file, drivers)
  }

  /// What the table says and what the case declares.
  package static func needs(of testCase: TestCase) -> [String] {
    var needs = LiveNeeds.need(of: testCase.id)?.capabilities ?? []
    for name in testCase.capabilities where !needs.contains(name) { needs.append(name) }
    return needs
  }

  /// What no live environment can have comes first: it says that there is nothing to mend.
  private static func ordered(_ missing: [String]) -> [String] {
    missing.filter(Capability.simulatedOnly.contains) + missing.filter { !Capability.simulatedOnly.contains($0) }
  }
}

/// One kind of object that a run makes and removes.
package struct TouchedObject: Sendable, Hashable {
  package var what: String
  /// Where: a URL, a namespace, a host.
  package var place: String
  /// How clean-up finds it.
  package var mark: String

  /// All kinds that the environment lets a run make.
  static func all(
    _ file: EnvironmentFile, _ capabilities: CapabilitySet, _ label: RunLabel
  ) -> [TouchedObject] {
    func has(_ name: String) -> Bool { capabilities.finding(name)?.isThere ?? false }
    var all: [TouchedObject] = []
    if let api = (file.balancer ?? file.replicas.first?.url)?.description, has("users") || has("enrol") {
      all.append(
        .init(what: "sessions, at most \(file.safety.maxSessions) at a time", place: api, mark: "tag \(label)"))
      all.append(.init(what: "users", place: api, mark: "name begins with \(label.namePrefix)"))
      if has("frames") || has("enrol") {
        all.append(.init(what: "agents of the harness", place: api, mark: "id begins with \(label.namePrefix)"))
      }
    }
    if has("workload-control"), let kubernetes = file.kubernetes {
      all.append(
        .init(
          what: "Kubernetes objects", place: "\(kubernetes.context), namespace \(kubernetes.namespace)",
          mark: "label \(label)"))
    }
    if has("docker") {
      for host in file.docker {
        all.append(.init(what: "containers, volumes, networks", place: "\(host.host)", mark: "label \(label)"))
      }
    }
    if has("database-own"), let server = file.databaseServer {
      all.append(
        .init(what: "databases", place: "the server of \(server)", mark: "name begins with \(label.databasePrefix)"))
    }
    if has("sql-write") {
      all.append(
        .init(
          what: "rows of sessions and users above", place: "the database of \(file.database?.url.description ?? "")",
          mark: "id or name begins with \(label.namePrefix)"))
    }
    return all
  }
}

/// A component that a driver may act on.
package struct TouchedComponent: Sendable, Hashable {
  package var name: String
  package var driver: String
  package var target: String
  /// What may be done to it; empty: nothing, for `reason`.
  package var verbs: [DriverVerb]
  package var reason: String

  static func all(_ file: EnvironmentFile, _ offers: [ComponentOffer]) -> [TouchedComponent] {
    file.components.compactMap { component in
      guard let binding = component.binding else { return nil }
      let offer = offers.first { $0.component == component.name }
      return TouchedComponent(
        name: component.name, driver: binding.driver, target: binding.target ?? component.name,
        verbs: component.isAllowed ? offer?.verbs ?? [] : [],
        reason: component.isAllowed ? offer?.reason ?? "" : "not in safety.allow")
    }
  }
}
