import SimulationRuntime
import StreamSpaceProtocol
import TestEnvironment

/// Answers the lines of a control socket (spec/08 §5): one JSON object in, one out.
///
/// `{"fault":"redis.down","seconds":5}` begins a fault, `{"end":3}` or `{"end":"all"}` ends one, `{"list":"faults"}` and
/// `{"list":"components"}` show what there is, `{"state":"sessions"}` (`agents`, `replicas`, `faults`) how it stands,
/// `{"stop":true}` ends the server.
final class ControlDesk {
  /// What a line asks for beyond its answer.
  enum Consequence: Equatable { case none, stop }

  private let deployment: Deployment
  private let faults: FaultDesk
  /// Faults that were begun here and still held when the last one began, oldest first.
  private var begun: [(handle: FaultHandle, name: String)] = []

  init(_ deployment: Deployment) {
    self.deployment = deployment
    faults = FaultDesk(deployment)
  }

  private var simulation: Simulation { deployment.simulation }
  private var names: ComponentNames { ComponentNames(deployment) }

  private static let expiry = EventLabel("control.process-end")

  /// The answer to a line, without its line end.
  func answer(_ line: [UInt8]) -> (answer: JSONValue, consequence: Consequence) {
    do {
      return try carryOut(line)
    } catch {
      return (["ok": false, "error": .string("\(error)")], .none)
    }
  }

  private func carryOut(_ line: [UInt8]) throws -> (JSONValue, Consequence) {
    let document: JSONValue
    do throws(WireError) {
      document = try JSONParser.parse(line, limits: .standard)
    } catch {
      throw CommandError("this is no JSON: \(error)")
    }
    guard let object = document.members else { throw CommandError("a command is a JSON object on one line") }
    let verbs = ["fault", "end", "list", "state", "stop"].filter { object[$0] != nil }
    guard verbs.count == 1, let verb = verbs.first, let value = object[verb] else {
      throw CommandError("a command has one of fault, end, list, state, stop")
    }
    var arguments = CommandArguments(object, known: [verb])
    switch verb {
    case "fault": return (try begin(value, &arguments), .none)
    case "end": return (try end(value, arguments), .none)
    case "list": return (try list(value, arguments), .none)
    case "state": return (try state(value, arguments), .none)
    default:
      guard value == true else { throw CommandError("'stop' must be true") }
      try arguments.finish()
      return (["ok": true], .stop)
    }
  }

  // MARK: Faults

  private func begin(_ value: JSONValue, _ arguments: inout CommandArguments) throws -> JSONValue {
    guard let name = value.text else { throw CommandError("'fault' must be a name") }
    if name.hasPrefix("process.") { return try process(String(name.dropFirst(8)), &arguments) }
    let command = try FaultCommand.named(name)
    let fault = try command.make(&arguments, names)
    let span = try arguments.optionalSeconds("seconds", in: .milliseconds(1)...CommandArguments.longest)
    try arguments.finish()
    let handle = try faults.begin(fault, lasting: span.map { TimeSpan($0) })
    begun.removeAll { !faults.holds($0.handle) }
    begun.append((handle, name))
    return ["ok": true, "fault": .int(Int64(handle.number))]
  }

  private func end(_ value: JSONValue, _ arguments: CommandArguments) throws -> JSONValue {
    try arguments.finish()
    if value.text == "all" {
      faults.healAll()
      return ["ok": true]
    }
    guard let number = value.integer.flatMap(Int.init(exactly:)), begun.contains(where: { $0.handle.number == number }),
      faults.holds(FaultHandle(number: number))
    else { throw CommandError("'end' is the number of a fault that was begun here and has not ended, or all") }
    faults.end(FaultHandle(number: number))
    return ["ok": true]
  }

  // MARK: Processes

  private static let actions: [(name: String, action: Action, ends: Action?)] = [
    ("start", .start, nil), ("stop", .stop, .start), ("crash", .crash, .start), ("vanish", .vanish, .start),
    ("pause", .pause, .resume), ("resume", .resume, nil), ("restart", .restart, nil),
  ]

  /// `process.pause` + `name`: what is done to the processes of a component; with `seconds` it is taken back then.
  private func process(_ verb: String, _ arguments: inout CommandArguments) throws -> JSONValue {
    guard let (_, action, opposite) = Self.actions.first(where: { $0.name == verb }) else {
      let all = Self.actions.map { "process.\($0.name)" }.joined(separator: ", ")
      throw CommandError("'process.\(verb)' is no fault; there are \(all)")
    }
    let component = try names.component(arguments.text("name"))
    let span = try arguments.optionalSeconds("seconds", in: .milliseconds(1)...CommandArguments.longest)
    try arguments.finish()
    if span != nil, opposite == nil { throw CommandError("process.\(verb) does not last: leave 'seconds' out") }
    let processes = try deployment.processes(of: component)
    let operations = ProcessOperations(deployment)
    for process in processes {
      operations.perform(action, on: component, process) { [simulation] in
        guard let span, let opposite else { return }
        simulation.schedule(after: TimeSpan(span), Self.expiry) { [weak process] in
          guard let process, opposite != .start || process.current == nil else { return }
          operations.perform(opposite, on: component, process) {}
        }
      }
    }
    return ["ok": true, "processes": .array(processes.map { .string($0.name) })]
  }

  // MARK: Lists

  private func list(_ value: JSONValue, _ arguments: CommandArguments) throws -> JSONValue {
    try arguments.finish()
    switch value.text {
    case "faults":
      let faults: [JSONValue] = FaultCommand.all.map {
        ["name": .string($0.name), "arguments": .string($0.arguments)]
      }
      let processes: [JSONValue] = Self.actions.map {
        ["name": .string("process.\($0.name)"), "arguments": "name"]
      }
      return ["ok": true, "faults": .array(faults + processes)]
    case "components": return ["ok": true, "components": .array(names.all.map { .string($0) })]
    default: throw CommandError("'list' is faults or components")
    }
  }

  private func state(_ value: JSONValue, _ arguments: CommandArguments) throws -> JSONValue {
    try arguments.finish()
    switch value.text {
    case "sessions":
      let rows = deployment.recorder.sessionRows.values.sorted { $0.id < $1.id }
      let sessions: [JSONValue] = rows.map { row in
        [
          "name": .string(row.id), "user": .string(row.userID ?? ""), "state": .string(row.state ?? ""),
          "agent": row.agentID.map { .string($0) } ?? .null,
        ]
      }
      return ["ok": true, "sessions": .array(sessions)]
    case "agents":
      let agents: [JSONValue] = deployment.agents.map { agent in
        [
          "agent": .string(agent.id), "replica": deployment.recorder.holders[agent.id].map { .string($0) } ?? .null,
          "acting": .array(deployment.actors(of: agent).map { .string($0) }),
        ]
      }
      return ["ok": true, "agents": .array(agents)]
    case "replicas":
      let replicas: [JSONValue] = deployment.replicas.map { replica in
        [
          "replica": .string(replica.name), "running": .bool(replica.isRunning),
          "ready": .bool(deployment.recorder.isReady(replica.name)),
        ]
      }
      return ["ok": true, "replicas": .array(replicas)]
    case "faults":
      let open: [JSONValue] = begun.filter { faults.holds($0.handle) }.map { entry in
        [
          "fault": .int(Int64(entry.handle.number)), "name": .string(entry.name),
          "touched": .int(Int64(faults.touched(by: entry.handle))),
        ]
      }
      return ["ok": true, "faults": .array(open)]
    default: throw CommandError("'state' is sessions, agents, replicas or faults")
    }
  }
}
