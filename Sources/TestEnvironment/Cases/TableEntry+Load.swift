// MARK: - Load and resources (scenario 7)

extension TableEntry {
  /// Table `resources`, columns `component`, `load`, `CPU (m)`, `memory (MiB)`: what the most loaded component of a kind
  /// used.
  public static func resources(_ component: String, at load: String, milliCPU: Int, memoryMiB: Int) -> TableEntry {
    TableEntry(
      table: "resources",
      row: [
        "component": .text(component), "load": .text(load), "CPU (m)": .count(milliCPU),
        "memory (MiB)": .count(memoryMiB),
      ])
  }

  /// Table `utilisation`, columns `load`, `CPU (%)`, `memory (%)`: of the fullest node.
  public static func utilisation(at load: String, cpuPercent: Int, memoryPercent: Int) -> TableEntry {
    TableEntry(
      table: "utilisation",
      row: ["load": .text(load), "CPU (%)": .count(cpuPercent), "memory (%)": .count(memoryPercent)])
  }

  /// Table `ramp`, columns `ramp`, `level`, `refused`, `start p50`, `start p95`, then the 95th percentiles of what a
  /// start consists of: `for a place in the window` (C34), `for a handler`, `at work`.
  public static func ramp(
    _ ramp: String, level: Int, refused: Int, median: Duration, p95: Duration, window: Duration, handler: Duration,
    work: Duration
  ) -> TableEntry {
    TableEntry(
      table: "ramp",
      row: [
        "ramp": .text(ramp), "level": .text("\(level)"), "refused": .count(refused), "start p50": .duration(median),
        "start p95": .duration(p95), "for a place in the window": .duration(window),
        "for a handler": .duration(handler),
        "at work": .duration(work),
      ])
  }

  /// Table `saturation`, columns `ramp`, `knee`, `queue`, `saturated at`: the level from which starts take twice as long
  /// as at first, what they wait for there, and where the next create is refused.
  public static func saturation(_ ramp: String, knee: String, queue: String, saturated: String) -> TableEntry {
    TableEntry(
      table: "saturation",
      row: ["ramp": .text(ramp), "knee": .text(knee), "queue": .text(queue), "saturated at": .text(saturated)])
  }

  /// Table `drain`, columns `backlog`, `commands`, `span`, `per second`, `most under way`.
  public static func drain(_ backlog: String, commands: Int, span: Duration, underWay: Int) -> TableEntry {
    TableEntry(
      table: "drain",
      row: [
        "backlog": .text(backlog), "commands": .count(commands), "span": .duration(span),
        "per second": .count(rate(commands, in: span)), "most under way": .count(underWay),
      ])
  }

  /// Table `hub`, columns `agents`, `way`, `commands`, `p50`, `p95`, `max`: from the commit of a command to its bytes on the
  /// agent's socket.
  public static func hub(
    agents: Int, _ way: String, commands: Int, median: Duration, p95: Duration, worst: Duration
  ) -> TableEntry {
    TableEntry(
      table: "hub",
      row: [
        "agents": .text("\(agents)"), "way": .text(way), "commands": .count(commands), "p50": .duration(median),
        "p95": .duration(p95),
        "max": .duration(worst),
      ])
  }

  /// Table `sizes`, columns `sessions`, `what`, `statements`, `statements a second`, `list p95`: what so many sessions
  /// cost the database, and a list of one's own the user.
  public static func sizes(
    sessions: Int, _ what: String, statements: Int, in span: Duration, list: Duration
  ) -> TableEntry {
    TableEntry(
      table: "sizes",
      row: [
        "sessions": .text("\(sessions)"), "what": .text(what), "statements": .count(statements),
        "statements a second": .count(rate(statements, in: span)), "list p95": .duration(list),
      ])
  }

  /// Whole numbers a second, cut.
  private static func rate(_ count: Int, in span: Duration) -> Int {
    let milliseconds = span.components.seconds * 1_000 + span.components.attoseconds / 1_000_000_000_000_000
    return Int(Int64(count) * 1_000 / max(1, milliseconds))
  }
}
