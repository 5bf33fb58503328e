/// What was lost and came back: a row of the recovery-time table of scenario 5. StreamSpace measured some of them itself
/// (HA_CHAOS_TESTING_RESULTS, COMBINED_HA_CHAOS_TESTING).
public enum Recovery: String, Sendable, Equatable, CaseIterable {
  case replica = "hosting API replica lost, agent connected again"
  case leader = "leading agent replica lost, another acts"
  case redis = "Redis lost, routes right again"
  case controlPlane = "whole control plane lost, agents connected again"
  case database = "database lost, requests answered again"
  case partition = "control plane split, one view again"
  case everything = "everything restarted, all of it in use again"
  case cluster = "cluster API browned out, starts and stops done"
  case transition = "actor killed in a transition, session settled"

  /// What StreamSpace's own chaos runs give; nil: it never ran this.
  public var observed: Duration? {
    switch self {
    case .replica: .seconds(2)
    case .leader: .seconds(1)
    case .redis: .seconds(11)
    default: nil
    }
  }
}

// MARK: - Combined failures (scenario 5)

extension TableEntry {
  /// Table `recovery`, columns `what`, `time`, `target`: one recovery, from its fault (or the end of its fault where the
  /// specification counts from there).
  public static func recovery(_ what: Recovery, took time: Duration, target: Duration) -> TableEntry {
    TableEntry(
      table: "recovery",
      row: ["what": .text(what.rawValue), "target": .duration(target), "time": .duration(time)])
  }

  /// Table `availability`, columns `load`, `requests`, `answered`, `refused`, `cut`: what became of the requests of a
  /// load. `answered`: 2xx, at the one retry of a request whose socket was cut too; `refused`: 4xx or 5xx; `cut`: no
  /// answer, neither to the retry.
  public static func availability(
    load: String, requests: Int, answered: Int, refused: Int, cut: Int
  ) -> TableEntry {
    TableEntry(
      table: "availability",
      row: [
        "load": .text(load), "requests": .count(requests), "answered": .count(answered), "refused": .count(refused),
        "cut": .count(cut),
      ])
  }

  /// Table `unrecovered`, columns `object`, `state`: what had not come back when a case gave up waiting for it.
  public static func unrecovered(_ object: String, state: String) -> TableEntry {
    TableEntry(table: "unrecovered", row: ["object": .text(object), "state": .text(state)])
  }

  /// Table `crash points`, columns `operation`, `trouble`, `points`, `met`: places of an operation at which a trouble was
  /// put, and how many it met there.
  public static func crashPoints(_ operation: String, trouble: String, points: Int, met: Int) -> TableEntry {
    TableEntry(
      table: "crash points",
      row: [
        "operation": .text(operation), "trouble": .text(trouble), "points": .count(points), "met": .count(met),
      ])
  }
}
