/// One row that a case contributes to a named table of its report (spec/06 §2, §3, §8: extra content).
///
/// Text cells name the row; durations and counts are its measures. Rows of one table that have the same text cells,
/// from whatever seed, become one line of the report: durations as p50 and maximum, counts as their range. A table that
/// the report does not know is printed with its own name and columns in the order of its first row.
///
/// Make rows of the known tables by their functions below: names and columns are the contract between the cases
/// that write and the reports that print.
public struct TableEntry: Sendable, Equatable {
  /// A column and what the row says there.
  public struct Cell: Sendable, Equatable {
    public var column: String
    public var value: Quantity

    public init(_ column: String, _ value: Quantity) {
      self.column = column
      self.value = value
    }
  }

  public var table: String
  /// In the order of the columns; a column occurs once.
  public var cells: [Cell]

  public init(table: String, cells: [Cell]) {
    self.table = table
    self.cells = cells
  }

  /// A row of a table that only this case has.
  public init(table: String, row pairs: KeyValuePairs<String, Quantity>) {
    self.init(table: table, cells: pairs.map { Cell($0.key, $0.value) })
  }

  /// What the row says in `column`.
  public subscript(column: String) -> Quantity? { cells.first { $0.column == column }?.value }
}

// MARK: - Elections (scenario 2, DOCK-13 … -15, XP-08)

extension TableEntry {
  /// Table `overlap`, columns `kind`, `first`, `second`, `overlap`, `gap`: how long two processes of one agent could
  /// both act (must be zero), and how long nobody could between them.
  public static func overlap(
    kind: String, first: String, second: String, overlap: Duration, gap: Duration
  ) -> TableEntry {
    TableEntry(
      table: "overlap",
      row: [
        "kind": .text(kind), "first": .text(first), "second": .text(second), "overlap": .duration(overlap),
        "gap": .duration(gap),
      ])
  }

  /// Table `failover`, columns `back end`, `kind`, `lock`, `acting`: from the loss of a leader to the next holder of
  /// the lock, and to the next that is connected and may act. `backEnd`: `lease`, `file`, `redis` or `swarm`.
  /// Sample the total as ``LeaderLoss/sampleName`` too: the report draws its distribution from the samples.
  public static func failover(backEnd: String, kind: LeaderLoss, lock: Duration, acting: Duration) -> TableEntry {
    TableEntry(
      table: "failover",
      row: [
        "back end": .text(backEnd), "kind": .text(kind.rawValue), "lock": .duration(lock), "acting": .duration(acting),
      ])
  }

  /// Table `elections`, columns `what`, `elections`, `span`: how often the lock changed hands within `span`; the report
  /// adds the number per hour.
  public static func elections(_ what: String, count: Int, in span: Duration) -> TableEntry {
    TableEntry(
      table: "elections", row: ["what": .text(what), "elections": .count(count), "span": .duration(span)])
  }

  /// Table `sessions`, columns `fault`, `sessions before`, `sessions after`, `workloads untouched`, `viewers before`,
  /// `viewers after`: what a fault left. Viewers are nil where the case has none.
  public static func sessions(
    fault: String, before: Int, after: Int, untouched: Int, viewersBefore: Int? = nil, viewersAfter: Int? = nil
  ) -> TableEntry {
    TableEntry(
      table: "sessions",
      row: [
        "fault": .text(fault), "sessions before": .count(before), "sessions after": .count(after),
        "workloads untouched": .count(untouched), "viewers before": viewersBefore.map { .count($0) } ?? .text("-"),
        "viewers after": viewersAfter.map { .count($0) } ?? .text("-"),
      ])
  }

  /// Table `backend`, columns `back end`, `aspect`, `value`: one line per aspect, one column per back end in the
  /// report. Aspects are printed in the order `acquire`, `renew`, `fail-over graceful`, `fail-over crash`,
  /// `fail-over pause`, `fail-over partition`, `skew`, `loss`, then whatever else in the order met.
  public static func backend(_ backEnd: String, _ aspect: String, _ value: Quantity) -> TableEntry {
    TableEntry(table: "backend", row: ["back end": .text(backEnd), "aspect": .text(aspect), "value": value])
  }
}

// MARK: - Objects (scenarios 3 and 8)

extension TableEntry {
  /// Table `inventory`, columns `what`, `object`, `before`, `most`, `after`, `declared`: platform objects of a kind
  /// before the case, at most, and after it; `declared` of the last may stay (homes, the Docker network, keys).
  public static func inventory(
    what: String, object kind: String, before: Int, most: Int, after: Int, declared: Int = 0
  ) -> TableEntry {
    TableEntry(
      table: "inventory",
      row: [
        "what": .text(what), "object": .text(kind), "before": .count(before), "most": .count(most),
        "after": .count(after), "declared": .count(declared),
      ])
  }
}

// MARK: - Both platforms (scenario 8)

extension TableEntry {
  /// Table `conformance`, columns `message`, `direction`, `platform`, `sent`, `accepted`, `meaning`. One line per
  /// message and direction in the report, with a pair of columns per platform. `direction`: `to agent` or `to API`;
  /// `sent`: the platform's agent (or the API to it) really sends it; `accepted`: the other side decoded it.
  public static func conformance(
    message: String, direction: String, platform: Topology.Agent.Platform, sent: Bool, accepted: Bool, meaning: String
  ) -> TableEntry {
    TableEntry(
      table: "conformance",
      row: [
        "message": .text(message), "direction": .text(direction), "platform": .text(platform.rawValue),
        "sent": .text(sent ? "yes" : "no"), "accepted": .text(accepted ? "yes" : "no"), "meaning": .text(meaning),
      ])
  }

  /// Table `parity`, columns `what`, `platform`, `value`: one line per quantity (a time of the life cycle, a number of
  /// objects, an answer), one column per platform in the report, and whether they agree where they are no times.
  public static func parity(_ what: String, _ platform: Topology.Agent.Platform, _ value: Quantity) -> TableEntry {
    TableEntry(
      table: "parity", row: ["what": .text(what), "platform": .text(platform.rawValue), "value": value])
  }

  /// How much a gap between the platforms matters, as spec/06 §0.3 ranks findings.
  public enum Severity: String, Sendable, Equatable, CaseIterable {
    case p0 = "P0"
    case p1 = "P1"
    case p2 = "P2"
    case p3 = "P3"
  }

  /// Table `gaps`, columns `severity`, `platform`, `gap`, `what happens`: ordered by severity in the report.
  public static func gap(
    _ gap: String, platform: Topology.Agent.Platform, severity: Severity, whatHappens: String
  ) -> TableEntry {
    TableEntry(
      table: "gaps",
      row: [
        "severity": .text(severity.rawValue), "platform": .text(platform.rawValue), "gap": .text(gap),
        "what happens": .text(whatHappens),
      ])
  }

  /// Table `versions`, columns `control plane`, `agent`, `platform`, `outcome`, `without`: whether the pair works,
  /// works without something, or is refused with a reason (C33). `controlPlane`, `agent`: `contract` or `shipped`.
  public static func versions(
    controlPlane: String, agent: Topology.Agent.Version, platform: Topology.Agent.Platform, outcome: String,
    without: String = ""
  ) -> TableEntry {
    TableEntry(
      table: "versions",
      row: [
        "control plane": .text(controlPlane), "agent": .text(agent.rawValue), "platform": .text(platform.rawValue),
        "outcome": .text(outcome), "without": .text(without),
      ])
  }
}
