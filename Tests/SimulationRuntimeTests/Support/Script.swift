import SimulationRuntime

/// A program made of closures, for tests.
final class Script: Program {
  private let incarnation: Incarnation
  private let onStart: (Incarnation) -> Void
  private let onTerminate: (Incarnation) -> Void

  init(
    _ incarnation: Incarnation, start: @escaping (Incarnation) -> Void,
    terminate: @escaping (Incarnation) -> Void = { $0.exit("told to") }
  ) {
    self.incarnation = incarnation
    onStart = start
    onTerminate = terminate
  }

  func start() { onStart(incarnation) }
  func terminate() { onTerminate(incarnation) }
}

extension Simulation {
  /// A started process on a host of the same name, or on `host`.
  @discardableResult
  func launch(
    _ name: String, on host: String? = nil, start: @escaping (Incarnation) -> Void = { _ in }
  ) throws -> SimulatedProcess {
    let process = try addProcess(name, on: self.host(host ?? name)) { Script($0, start: start) }
    process.start()
    return process
  }

  /// Runs `action` at `milliseconds` of true time, as the simulation itself.
  func at(_ milliseconds: Int64, _ action: @escaping () -> Void) {
    schedule(after: .milliseconds(milliseconds) - (now - .start), testStep, action)
  }
}

let testStep = EventLabel("test.step")

/// What happened, in order.
final class Log {
  private(set) var entries: [String] = []

  func add(_ entry: String) { entries.append(entry) }
  /// With the time in milliseconds in front.
  func add(_ entry: String, at time: Instant) { entries.append("\((time - .start).milliseconds) \(entry)") }
}

/// A text on the wire, one byte a character.
func text(_ value: String) -> Frame<String> { Frame(value, byteCount: value.utf8.count) }

/// The text of a payload made by ``text(_:)``.
func read(_ payload: any Payload) -> String { (payload as? Frame<String>)?.value ?? "?" }

extension SocketEnd {
  var name: String {
    switch self {
    case .closed(let farewell): farewell.map { "closed(\(read($0)))" } ?? "closed"
    case .reset: "reset"
    }
  }
}

extension CallOutcome {
  var name: String {
    switch self {
    case .reply(let payload): "reply(\(read(payload)))"
    case .connected: "connected"
    case .refused: "refused"
    case .reset: "reset"
    case .timedOut: "timedOut"
    }
  }
}
