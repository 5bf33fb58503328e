import Foundation

/// A component that is a process of this machine: SIGTERM, SIGKILL, SIGSTOP and SIGCONT on the recorded process, and on
/// no other that was given its number.
package final class ProcessDriver: ComponentDriver {
  private let component: String
  private let target: String
  private let driver: EnvironmentFile.Driver
  private let file: PIDFile?
  private let isReady: ReadyCheck
  /// How long a process may take to end, and to become ready.
  private let grace: Duration
  private let readiness: Duration
  /// As far as it is known: read from the pid file, or started here.
  private var known: ProcessIdentity?
  /// Kept so that it is waited for when it ends.
  private var child: ChildProcess?

  package init(
    component: String, target: String?, driver: EnvironmentFile.Driver, isReady: @escaping ReadyCheck,
    grace: Duration = .seconds(30), readiness: Duration = .seconds(60)
  ) {
    self.component = component
    self.target = target ?? component
    self.driver = driver
    self.isReady = isReady
    self.grace = grace
    self.readiness = readiness
    file = driver.pidFile.map { PIDFile(path: $0.replacing("{target}", with: target ?? component)) }
    known = try? file?.read()
  }

  package var offer: ComponentOffer {
    let start: [DriverVerb] = driver.start == nil ? [] : [.start]
    let signals: [DriverVerb] = [.stop, .kill, .pause, .resume]
    do {
      _ = try find()
      return ComponentOffer(
        component, start + signals, reason: start.isEmpty ? "driver \(driver.name) has no start command" : "")
    } catch {
      // What can be started can be stopped afterwards.
      return ComponentOffer(component, start.isEmpty ? [] : start + signals, reason: start.isEmpty ? error.why : "")
    }
  }

  package func state() throws(DriverError) -> ComponentState {
    guard let process = try? find() else { return .stopped }
    return process.isStopped ? .paused : .running
  }

  package func perform(_ verb: DriverVerb) throws(DriverError) {
    switch verb {
    case .start: try start()
    case .stop:
      let process = try find()
      if let stop = driver.stop {
        try run(stop, for: .stop)
      } else {
        try signal(SIGTERM, to: process, for: .stop)
      }
      try wait(for: process, to: .stop, at: grace)
    case .kill:
      let process = try find()
      try signal(SIGKILL, to: process, for: .kill)
      try wait(for: process, to: .kill, at: .seconds(5))
    case .pause:
      let process = try find()
      try signal(SIGSTOP, to: process, for: .pause)
      try poll(for: .pause, limit: .seconds(5), "it does not stop") { process.isStopped }
    case .resume: try signal(SIGCONT, to: find(), for: .resume)
    }
  }

  // MARK: - The process

  /// The recorded process, as long as it is the same.
  private func find() throws(DriverError) -> ProcessIdentity {
    // One that was started here stays behind as a zombie until it is waited for.
    _ = child?.status
    if let known, known.isAlive { return known }
    guard let file else {
      throw .gone(component: component, reason: known.map { "\($0) has ended" } ?? "it was not started by this run")
    }
    do throws(PIDFile.Refusal) {
      let found = try file.read()
      known = found
      return found
    } catch {
      throw .gone(component: component, reason: error.description)
    }
  }

  private func signal(_ number: Int32, to process: ProcessIdentity, for verb: DriverVerb) throws(DriverError) {
    guard process.signal(number) else {
      throw .failed(verb, component: component, reason: "\(process) may not be signalled, or has just ended")
    }
  }

  private func start() throws(DriverError) {
    if let running = try? find() {
      throw .failed(.start, component: component, reason: "\(running) runs already")
    }
    guard let command = driver.start else {
      throw .notOffered(.start, component: component, reason: "driver \(driver.name) has no start command")
    }
    let words = command.words(target: target)
    guard let program = words.first, let path = CommandRun.find(program) else {
      throw .failed(.start, component: component, reason: "the program \(words.first ?? "") is not on PATH")
    }
    let log = log()
    guard
      let started = ChildProcess(
        path, arguments: Array(words.dropFirst()),
        variables: ProcessInfo.processInfo.environment.merging(driver.variables) { $1 }, output: log?.fileDescriptor,
        complaint: log?.fileDescriptor)
    else { throw .failed(.start, component: component, reason: "\(program) cannot be started") }
    child = started
    guard let identity = ProcessIdentity.current(started.pid) else {
      throw .failed(.start, component: component, reason: "it ended at once")
    }
    known = identity
    if let file, !file.write(identity) {
      throw .failed(.start, component: component, reason: "\(file.path) cannot be written")
    }
    try waitUntilReady(identity)
  }

  private func waitUntilReady(_ process: ProcessIdentity) throws(DriverError) {
    guard let url = driver.readyURL?.replacing("{target}", with: target) else { return }
    try poll(for: .start, limit: readiness, "\(url) does not answer 200") { isReady(url) || !process.isAlive }
    guard process.isAlive else { throw .failed(.start, component: component, reason: "it ended before it was ready") }
  }

  /// What it writes goes beside its pid file.
  private func log() -> FileHandle? {
    guard let path = file.map({ $0.path + ".log" }) else { return nil }
    if !FileManager.default.fileExists(atPath: path) { _ = FileManager.default.createFile(atPath: path, contents: nil) }
    guard let handle = FileHandle(forWritingAtPath: path) else { return nil }
    _ = try? handle.seekToEnd()
    return handle
  }

  private func run(_ command: EnvironmentFile.Driver.Command, for verb: DriverVerb) throws(DriverError) {
    do throws(CommandRun.Refusal) {
      _ = try CommandRun.output(of: command.words(target: target), variables: driver.variables, limit: grace)
    } catch {
      throw .failed(verb, component: component, reason: error.description)
    }
  }

  private func wait(for process: ProcessIdentity, to verb: DriverVerb, at limit: Duration) throws(DriverError) {
    try poll(for: verb, limit: limit, "\(process) still runs after \(limit.components.seconds) s") { !process.isAlive }
    known = nil
    file?.remove()
  }

  private func poll(
    for verb: DriverVerb, limit: Duration, _ complaint: String, until isDone: () -> Bool
  ) throws(DriverError) {
    let deadline = ContinuousClock.now + limit
    while !isDone() {
      guard ContinuousClock.now < deadline else { throw .failed(verb, component: component, reason: complaint) }
      usleep(5_000)
    }
  }
}

/// Whether a URL answers 200 now.
package typealias ReadyCheck = @Sendable (_ url: String) -> Bool

extension EnvironmentFile.Driver {
  /// What its commands find in their environment.
  var variables: [String: String] {
    var variables: [String: String] = [:]
    for variable in environment { variables[variable.name] = variable.value.text }
    return variables
  }
}

extension DriverError {
  /// The reason alone.
  var why: String {
    switch self {
    case .unknown, .notAllowed: description
    case .notOffered(_, _, let reason), .gone(_, let reason), .failed(_, _, let reason): reason
    }
  }
}
