import SimulationRuntime
import StreamSpaceProtocol

/// Runs of a container's process: start, stop, kill, pause, the end and what the restart policy makes of it
/// (spec/04 §4.5).
extension DockerEngine {
  /// The grace of a stop that names none.
  static let defaultStopSeconds = 10

  // MARK: Start

  func start(
    _ container: Container, by writer: EngineEvent.Writer, _ reply: @escaping (DockerResponse) -> Void
  ) throws(DockerFailure) -> DockerResponse? {
    if container.isRemoving { throw .startRemoving }
    if container.state.isPaused { throw .cannotStartPaused }
    if container.state.isRunning { return .unchanged }
    if !faults.isEmpty {
      if faults.strikes(.startFails) { throw .serverError }
      if faults.strikes(.startHangs) {
        hangingStarts.append { [self] in
          reply(resumeStart(container, by: writer))
        }
        return nil
      }
    }
    try startByHand(container, by: writer)
    return .done
  }

  private func resumeStart(_ container: Container, by writer: EngineEvent.Writer) -> DockerResponse {
    guard containers.holds(container) else { return .failure(.noSuchContainer(container.id)) }
    if container.state.isRunning { return .unchanged }
    do throws(DockerFailure) {
      if container.isRemoving { throw .startRemoving }
      try startByHand(container, by: writer)
      return .done
    } catch {
      return .failure(error)
    }
  }

  /// A start that is not the policy's: it counts restarts from 0 again.
  private func startByHand(_ container: Container, by writer: EngineEvent.Writer) throws(DockerFailure) {
    container.isManuallyStopped = false
    container.restartCount = 0
    container.backOff = .zero
    try run(container, by: writer)
  }

  /// Starts the process: networks and ports first. A failure leaves the state with the reason and an exit code.
  func run(_ container: Container, by writer: EngineEvent.Writer) throws(DockerFailure) {
    do throws(DockerFailure) {
      try attachNetworks(of: container)
    } catch {
      detachNetworks(of: container)
      container.state.error = error.message
      if container.state.exitCode == 0 { container.state.exitCode = 128 }
      throw error
    }
    guard container.process.isFound else {
      detachNetworks(of: container)
      let failure = DockerFailure.commandNotFound(container.specification.command?.first ?? "")
      container.state.error = failure.message
      container.state.exitCode = 127
      throw failure
    }
    for mount in container.specification.host.mounts { publishMount(mount, of: container) }
    container.run += 1
    container.hasBeenStarted = true
    container.runningSince = now
    container.state = ContainerState(
      status: .running, pid: 1_000 + container.run, startedAt: time, finishedAt: container.state.finishedAt)
    publish(container, "start")
    emit(.containerStarted(workload(container), by: writer))
    emit(.processStarted(workload(container), process(container)))
    planEnding(of: container)
  }

  private func planEnding(of container: Container) {
    let run = container.run
    var ending = container.process.ending
    if !faults.isEmpty {
      let code: Int? = faults.first { if case .exitsAfterStart(let code) = $0 { code } else { nil } }
      if let code { ending = .exits(code: code, after: .milliseconds(5)) }
    }
    switch ending {
    case .exits(let code, let span)?:
      afterwards(span) { [self] in processEnded(container, run: run, code: code, isOutOfMemory: false) }
    case .outOfMemory(let span)?:
      afterwards(span) { [self] in processEnded(container, run: run, code: 137, isOutOfMemory: true) }
    case nil: break
    }
  }

  // MARK: Stop, kill, restart

  func stop(
    _ container: Container, timeoutSeconds: Int?, by writer: EngineEvent.Writer,
    _ reply: @escaping (DockerResponse) -> Void
  ) throws(DockerFailure) -> DockerResponse? {
    guard container.state.isRunning else { return .unchanged }
    halt(container, timeoutSeconds: timeoutSeconds, by: writer) { reply(.done) }
    return nil
  }

  func restart(
    _ container: Container, timeoutSeconds: Int?, by writer: EngineEvent.Writer,
    _ reply: @escaping (DockerResponse) -> Void
  ) throws(DockerFailure) -> DockerResponse? {
    if container.isRemoving { throw .startRemoving }
    halt(container, timeoutSeconds: timeoutSeconds, by: writer) { [self] in
      later(steps.start.draw()) { [self] in
        let response = resumeStart(container, by: writer)
        if case .done = response { publish(container, "restart") }
        reply(response)
      }
    }
    return nil
  }

  /// SIGTERM, SIGKILL when the grace has passed, and then `then`; at once if nothing runs.
  private func halt(
    _ container: Container, timeoutSeconds: Int?, by writer: EngineEvent.Writer, then: @escaping () -> Void
  ) {
    guard container.state.isRunning else { return then() }
    emit(.containerStopping(workload(container), by: writer))
    container.isManuallyStopped = true
    if container.state.isRestarting {
      cancelRestart(container)
      publish(container, "stop")
      return then()
    }
    let run = container.run
    container.exitWatchers.append { [self] _ in
      // A removal may have been faster than the news.
      if containers.holds(container) { publish(container, "stop") }
      then()
    }
    publish(container, "kill", ("signal", "15"))
    if container.state.isPaused { resume(container, by: writer) }
    obey(container)
    let seconds = timeoutSeconds ?? Self.defaultStopSeconds
    guard seconds >= 0 else { return }
    later(.seconds(Int64(seconds))) { [self] in
      guard container.run == run, container.hasProcess else { return }
      publish(container, "kill", ("signal", "9"))
      processEnded(container, run: run, code: 137, isOutOfMemory: false)
    }
  }

  /// The process has got SIGTERM.
  private func obey(_ container: Container) {
    guard case .exits(let code, let model) = container.process.termination else { return }
    let run = container.run
    afterwards(steps.draw(model)) { [self] in
      processEnded(container, run: run, code: code, isOutOfMemory: false)
    }
  }

  func kill(
    _ asked: String, _ signal: String?, by writer: EngineEvent.Writer
  ) throws(DockerFailure) -> DockerResponse {
    let container: Container
    do throws(DockerFailure) {
      container = try containers.find(asked)
    } catch {
      throw .cannotKill(asked, error)
    }
    guard let number = Self.signalNumber(signal) else { throw .invalidSignal(signal ?? "") }
    guard container.state.isRunning else { throw .notRunning(kill: asked, id: container.id) }
    if number == 9 || container.state.isRestarting {
      killNow(container, by: writer)
      return .done
    }
    container.isManuallyStopped = true
    publish(container, "kill", ("signal", String(number)))
    if number == 15 {
      emit(.containerStopping(workload(container), by: writer))
      obey(container)
    }
    return .done
  }

  /// SIGKILL. A container that waits for its next attempt gets no signal: it just does not start again.
  func killNow(_ container: Container, by writer: EngineEvent.Writer) {
    emit(.containerStopping(workload(container), by: writer))
    container.isManuallyStopped = true
    if container.state.isRestarting {
      cancelRestart(container)
    } else {
      publish(container, "kill", ("signal", "9"))
      processEnded(container, run: container.run, code: 137, isOutOfMemory: false)
    }
  }

  /// Numbers of the signals a kill may name, with or without `SIG`.
  static func signalNumber(_ name: String?) -> Int? {
    guard let name, !name.isEmpty else { return 9 }
    if let number = Int(name) { return (1...64).contains(number) ? number : nil }
    let bare = name.uppercased()
    switch bare.hasPrefix("SIG") ? String(bare.dropFirst(3)) : bare {
    case "HUP": return 1
    case "INT": return 2
    case "QUIT": return 3
    case "KILL": return 9
    case "USR1": return 10
    case "USR2": return 12
    case "TERM": return 15
    case "CONT": return 18
    case "STOP": return 19
    default: return nil
    }
  }

  // MARK: Pause and wait

  func pause(_ container: Container, by writer: EngineEvent.Writer) throws(DockerFailure) -> DockerResponse {
    switch container.state.status {
    case .running: break
    case .paused: throw .alreadyPaused(container.id)
    case .restarting: throw .isRestarting(container.id)
    case .created, .exited, .dead, .removing: throw .notRunning(container.id)
    }
    container.state.status = .paused
    publish(container, "pause")
    emit(.containerPaused(workload(container), by: writer))
    return .done
  }

  func unpause(_ container: Container, by writer: EngineEvent.Writer) throws(DockerFailure) -> DockerResponse {
    guard container.state.isPaused else { throw .notPaused(container.id) }
    resume(container, by: writer)
    return .done
  }

  private func resume(_ container: Container, by writer: EngineEvent.Writer) {
    container.state.status = .running
    publish(container, "unpause")
    emit(.containerUnpaused(workload(container), by: writer))
  }

  func wait(
    _ container: Container, _ condition: ContainerWaitCondition, _ reply: @escaping (DockerResponse) -> Void
  ) throws(DockerFailure) -> DockerResponse? {
    switch condition {
    case .notRunning where !container.state.isRunning: return .exited(code: container.state.exitCode)
    case .notRunning, .nextExit: container.exitWatchers.append { reply(.exited(code: $0)) }
    case .removed: container.removalWatchers.append { reply(.exited(code: $0)) }
    }
    return nil
  }

  // MARK: The end of a run

  /// The process of run number `run` has ended.
  func processEnded(_ container: Container, run: Int, code: Int, isOutOfMemory: Bool) {
    guard container.run == run, container.hasProcess else { return }
    guard isUp else {
      // The daemon sees it when it is back.
      if container.unseenExit == nil {
        container.unseenExit = (code, isOutOfMemory)
        emit(.processEnded(workload(container), process(container)))
      }
      return
    }
    finish(container, code: code, isOutOfMemory: isOutOfMemory, reason: isOutOfMemory ? "out of memory" : "exited")
  }

  /// The daemon has seen the end of a run.
  private func finish(
    _ container: Container, code: Int, isOutOfMemory: Bool, reason: String, mayRestart: Bool = true
  ) {
    if container.unseenExit == nil { emit(.processEnded(workload(container), process(container))) }
    if isOutOfMemory { publish(container, "oom") }
    publish(container, "die", ("exitCode", String(code)))
    detachNetworks(of: container)
    for mount in container.specification.host.mounts { publishUnmount(mount, of: container) }
    let ran = now - (container.runningSince ?? now)
    container.runningSince = nil
    container.unseenExit = nil
    container.state.pid = 0
    container.state.exitCode = code
    container.state.oomKilled = isOutOfMemory
    container.state.finishedAt = time
    let wantsRestart = !container.isManuallyStopped && container.wantsRestart(after: code)
    let restarts = mayRestart && wantsRestart
    container.state.status = restarts ? .restarting : .exited
    if restarts {
      container.restartCount += 1
      // The start itself takes its time, as one by hand does.
      let wait = container.nextBackOff(afterRunOf: ran) + steps.start.draw()
      container.pendingRestart = later(wait) { [self] in attempt(container) }
    }
    emit(.containerExited(workload(container), code: code, reason: reason, willRestart: wantsRestart))
    let watchers = container.exitWatchers
    container.exitWatchers = []
    for watcher in watchers { watcher(code) }
    swarm?.containerExited(container, on: self)
  }

  /// An attempt of the restart policy.
  private func attempt(_ container: Container) {
    guard container.state.isRestarting, !container.isRemoving else { return }
    container.pendingRestart = .none
    do throws(DockerFailure) {
      try run(container, by: .engine)
    } catch {
      container.state.status = .exited
    }
  }

  private func cancelRestart(_ container: Container) {
    simulation.cancel(container.pendingRestart)
    container.pendingRestart = .none
    container.state.status = .exited
  }

  // MARK: The daemon's stop and start

  /// The daemon takes its containers with it: SIGTERM, and SIGKILL for those that do not obey.
  func stopContainersWithDaemon() {
    for container in containers.all {
      if container.state.isRestarting {
        cancelRestart(container)
      } else if container.hasProcess {
        let code = if case .exits(let code, _) = container.process.termination { code } else { 137 }
        container.run += 1
        finish(container, code: code, isOutOfMemory: false, reason: "daemon stopped", mayRestart: false)
      }
    }
  }

  /// The daemon is back: ends it did not see are noted, containers that went on without it are killed (without live
  /// restore), and those whose policy wants it are started.
  func restoreContainers() {
    for container in containers.all {
      container.exitWatchers = []
      if container.isRemoving {
        // It died in the middle of a removal: the removal is done now.
        if container.hasProcess { end(container, code: 137) }
        destroy(container, by: .engine)
        continue
      }
      if container.hasProcess {
        if container.unseenExit == nil, configuration.liveRestore { continue }
        end(container, code: container.unseenExit?.code ?? 137)
      }
      if container.state.isRestarting { container.state.status = .exited }
      guard container.hasBeenStarted, container.wantsRestart(after: container.state.exitCode) else { continue }
      later(steps.start.draw()) { [self] in
        guard containers.holds(container), !container.isRemoving, !container.state.isRunning else { return }
        container.backOff = .zero
        try? run(container, by: .engine)
      }
    }
  }

  private func end(_ container: Container, code: Int) {
    container.run += 1
    let isOutOfMemory = container.unseenExit?.isOutOfMemory ?? false
    finish(
      container, code: code, isOutOfMemory: isOutOfMemory, reason: "daemon was away", mayRestart: false)
  }
}
