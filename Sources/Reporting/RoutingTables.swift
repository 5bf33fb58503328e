import Oracles
import TestEnvironment

/// The extra tables of scenario 1 (spec/06 §1): routing matrix, commands by final status, Redis key time-line.
struct RoutingTables {
  let runs: [CaseRun]

  var text: String {
    [matrix, commands, keys].joined(separator: "\n")
  }

  private var matrix: String {
    let samples = runs.flatMap(\.routing)
    let from = Array(Set(samples.map(\.requestReplica))).sorted()
    let to = Array(Set(samples.map(\.agentReplica))).sorted()
    let rows = from.map { request in
      [request]
        + to.map { holder in
          let values = samples.filter { $0.requestReplica == request && $0.agentReplica == holder }.map(\.latency)
          return values.isEmpty ? "-" : "\(values.count): \(Distribution(values).text)"
        }
    }
    return
      "### Routing matrix\n\nFrom the replica of the request (row) to the replica of the agent (column): number of "
      + "commands, time from row to agent as p50 / p95 / p99 / max.\n\n"
      + Markdown.table(["request at"] + to.map { "agent at \($0)" }, rows)
  }

  private var commands: String {
    let statuses = ["completed", "failed", "ack", "sent", "pending"]
    var order: [String] = []
    var counts: [String: [String: Int]] = [:]
    for run in runs {
      for command in run.commands {
        let key = "\(run.testCase.id) \(command.action)"
        if counts[key] == nil { order.append(key) }
        counts[key, default: [:]][command.status, default: 0] += 1
      }
    }
    let rows = order.map { key in [key] + statuses.map { String(counts[key]?[$0] ?? 0) } }
    return "### Commands by final status\n\n" + Markdown.table(["case, action"] + statuses, rows)
  }

  /// When route keys appeared, moved and went, in the runs that have a Redis fault.
  private var keys: String {
    var rows: [[String]] = []
    for run in runs where run.testCase.id == "HA-API-07" || run.testCase.id == "HA-API-08" {
      for event in run.observations {
        guard case .route(let agent, let key, let value) = event.observation else { continue }
        rows.append([
          "\(run.testCase.id), seed \(run.seed)", event.time.secondsText, "agent:\(agent):\(key.rawValue)",
          value ?? "(gone)",
        ])
      }
    }
    let shown = rows.prefix(60)
    let more = rows.count > shown.count ? "\n\(rows.count - shown.count) more.\n" : ""
    return "### Redis key time-line\n\n" + Markdown.table(["run", "time", "key", "value"], Array(shown)) + more
  }
}
