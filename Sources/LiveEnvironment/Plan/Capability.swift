/// Something that a case may need of an environment (spec/08 §2): a name, and a number where more is better.
package struct Capability: Sendable, Hashable, CustomStringConvertible {
  /// `replicas`, `docker-ha:file`.
  package var name: String
  /// Of `replicas:N`, `agents:N`, `capacity:N`; nil: the others.
  package var count: Int?

  package init(_ text: String) {
    if let colon = text.firstIndex(of: ":"), let count = Int(text[text.index(after: colon)...]) {
      name = String(text[..<colon])
      self.count = count
    } else {
      name = text
      count = nil
    }
  }

  package var description: String { count.map { "\(name):\($0)" } ?? name }

  /// What only a simulation can do: order of events, clocks, state put in place. The last five are not in spec/08's
  /// list, but declared by cases: faults and copies of the database that no server offers.
  package static let simulatedOnly = [
    "schedule", "clock", "seed-state", "virtual-time", "same-seed", "two-redis", "fencing", "versions", "schema-lint",
    "db-fault", "db-restore",
  ]

  /// Every capability that a live environment can have, in the order in which they are shown. Numbers are left out.
  package static let live = [
    "replicas", "no-redis", "redis-read", "redis-control", "sql", "sql-write", "db-control", "database-own", "k8s",
    "docker", "agents", "k8s-ha", "docker-ha:file", "docker-ha:redis", "docker-ha:swarm", "platform-read",
    "workload-control", "platform-fault", "api-stop", "api-kill", "api-pause", "agent-stop", "agent-kill",
    "agent-pause", "net-fault", "users", "orgs", "enrol", "licence-raised", "capacity", "vnc", "vnc-raw", "frames",
    "config", "cache-on", "templates", "metrics", "clock-container",
  ]
}

/// What was found out about one capability.
package struct CapabilityFinding: Sendable, Hashable {
  /// Without a number.
  package var name: String
  package var isThere: Bool
  /// How much of it, where numbers count.
  package var count: Int?
  /// What was seen, or why it is not there.
  package var seen: String

  package init(_ name: String, _ isThere: Bool, count: Int? = nil, _ seen: String) {
    self.name = name
    self.isThere = isThere
    self.count = count
    self.seen = seen
  }
}

/// What an environment can do.
package struct CapabilitySet: Sendable, Hashable {
  /// In the order of ``Capability/live``.
  package var findings: [CapabilityFinding]

  package init(_ findings: [CapabilityFinding]) { self.findings = findings }

  package func finding(_ name: String) -> CapabilityFinding? { findings.first { $0.name == name } }

  /// Which of `needs` are missing, in their order, each once.
  ///
  /// Replicas without a common hub are one environment only for a case that asks for just that (`no-redis`): for the
  /// others there is one of them.
  package func missing(of needs: [String]) -> [String] {
    var missing: [String] = []
    for text in needs where !missing.contains(text) {
      let need = Capability(text)
      if has(need, isWithoutHub: needs.contains("no-redis")) { continue }
      missing.append(text)
    }
    return missing
  }

  private func has(_ need: Capability, isWithoutHub: Bool) -> Bool {
    guard let finding = finding(need.name), finding.isThere else { return false }
    guard let wanted = need.count else { return true }
    if need.name == "replicas", wanted > 1, !isWithoutHub, self.finding("no-redis")?.isThere == true { return false }
    return finding.count ?? 0 >= wanted
  }
}
