import Oracles
import TestEnvironment

/// The extra tables of scenario 7 (spec/06 §7): what components use, where the ramp bends and what waits there, how fast a
/// backlog goes, what the hub takes.
struct LoadTables {
  let runs: [CaseRun]

  /// Tables that stand here.
  static let tables = ["resources", "utilisation", "ramp", "saturation", "drain", "hub", "sizes"]

  /// Nil when no case wrote any.
  var text: String? {
    let parts = [
      resources,
      part("utilisation", "Utilisation of the fullest node", "In percent of eight cores and 32 GiB."),
      part("ramp", "Ramp", Self.rampNote), part("saturation", "Knee and saturation", Self.kneeNote),
      part("drain", "Drain rate", "Commands that waited, from the agent's connection to the last result."),
      part("hub", "Hub latency", "From the commit of a command to its bytes on the agent's socket."),
      part("sizes", "Sizes", Self.sizeNote),
    ].compactMap(\.self)
    return parts.isEmpty ? nil : Self.preface + parts.joined(separator: "\n")
  }

  private static let preface = """
    ### What these numbers are

    **Model results.** Latencies are drawn from the model of part 2; CPU and memory are counted work times a price \
    (`ResourceModel`). Bases and totals are what StreamSpace measured idle: API replica 50m and 128 MiB, leading agent \
    50m and 50 to 64 MiB, standby 5m and 20 MiB, Redis 10 MB a replica, 1 MB a channel, 1 KB an agent. A key check is \
    285 ms of a core, a password check 75 ms, a KiB through the relay 12 us; prices of statements, requests and frames \
    are assumed. They compare loads with one another; a live run measures.


    """
  private static let rampNote =
    "Ten creates at once every two seconds: 5 a second, where five agents start 3. 95th percentiles of what a start "
    + "consists of."
  private static let kneeNote =
    "The knee is the first level whose starts take twice as long as those of the first; the queue is what they wait for."
  private static let sizeNote =
    "What so many sessions cost in statements, and a user's list in virtual time. 10 000 sessions are held by "
    + "`./sim bench sessions`, which measures resident memory."

  private func part(_ table: String, _ title: String, _ note: String) -> String? {
    let lines = TableLines(table, of: runs)
    return lines.lines.isEmpty ? nil : "### \(title)\n\n\(note)\n\n\(lines.markdown)"
  }

  /// One line a load, two columns a component.
  private var resources: String? {
    let table = TableLines("resources", of: runs)
    guard !table.lines.isEmpty else { return nil }
    var components: [String] = []
    var loads: [[String]] = []
    var cells: [[String]: [String: String]] = [:]
    for line in table.lines {
      let component = line["component"]
      let load = [line.caseID, line["load"]]
      if !components.contains(component) { components.append(component) }
      if cells[load] == nil { loads.append(load) }
      cells[load, default: [:]][component] = "\(line["CPU (m)"]) m, \(line["memory (MiB)"]) MiB"
    }
    let rows = loads.map { load in load + components.map { cells[load]?[$0] ?? "-" } }
    return "### Resource profile\n\nThe most loaded component of each kind, by the resource model.\n\n"
      + Markdown.table(["case", "load"] + components, rows)
  }
}
