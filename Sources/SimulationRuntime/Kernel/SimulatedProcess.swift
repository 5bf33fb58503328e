/// What a process runs. One object per incarnation, confined to the simulation's thread.
public protocol Program: AnyObject {
  /// The process has started: listen, dial, set timers.
  func start()
  /// SIGTERM: end in order, then call ``Incarnation/exit(_:)``.
  func terminate()
}

/// Why an incarnation ended.
public enum ExitReason: Sendable, Equatable {
  /// It ended itself after ``Program/terminate()``, or on its own in good order.
  case finished(String)
  /// It died of its own fault (a panic): what I-CRASH forbids.
  case panicked(String)
  /// Killed by an injected crash: peers see their connections reset.
  case crashed
  /// Killed by an injected silent crash: peers see nothing.
  case vanished

  public var text: String {
    switch self {
    case .finished(let why): "finished: \(why)"
    case .panicked(let why): "panicked: \(why)"
    case .crashed: "crashed"
    case .vanished: "vanished"
    }
  }
}

/// A process over its lives: start, stop, crash, pause, resume, restart.
public final class SimulatedProcess {
  public let name: String
  public let index: Int
  public let host: Host
  unowned let simulation: Simulation
  /// Nil once the run is over.
  private var makeProgram: ((Incarnation) -> any Program)?
  /// The present life, if the process runs or is paused.
  public private(set) var current: Incarnation?
  /// Lives so far.
  public private(set) var incarnationCount = 0
  /// Lives that died silently and for which nobody answers.
  private(set) var silentLives: [Incarnation] = []
  private var pendingStart = EventToken.none
  /// Effect (send, dial, listen) of the next life at which it crashes; 0 for none.
  private var crashAtEffect = 0

  private static let started = EventLabel("process.started")
  private static let ended = EventLabel("process.ended")
  private static let paused = EventLabel("process.paused")
  private static let resumed = EventLabel("process.resumed")
  private static let terminating = EventLabel("process.terminating")
  private static let restart = EventLabel("process.restart")

  init(
    name: String, index: Int, host: Host, simulation: Simulation, program: @escaping (Incarnation) -> any Program
  ) {
    self.name = name
    self.index = index
    self.host = host
    self.simulation = simulation
    makeProgram = program
  }

  public var isRunning: Bool { current?.state == .running }
  public var isPaused: Bool { current?.state == .paused }

  /// Starts a new incarnation now; does nothing while one lives.
  public func start() {
    guard current == nil, let makeProgram else { return }
    simulation.cancel(pendingStart)
    let machineWasDown = host.isDown
    incarnationCount += 1
    let incarnation = Incarnation(
      process: self, number: incarnationCount, index: simulation.incarnations.count, crashAtEffect: crashAtEffect)
    crashAtEffect = 0
    simulation.incarnations.append(incarnation)
    current = incarnation
    endSilence(machineWasDown: machineWasDown)
    simulation.note(Self.started, by: incarnation)
    onStart?(incarnation)
    let program = makeProgram(incarnation)
    // Making it may have ended the life.
    guard incarnation.isAlive else { return }
    incarnation.program = program
    program.start()
  }

  /// The machine answers for what died silently: for the lives of this process, and for all of the host when
  /// nothing ran on it, as after a power failure.
  private func endSilence(machineWasDown: Bool) {
    for process in machineWasDown ? host.processes : [self] {
      let lives = process.silentLives
      process.silentLives.removeAll()
      for life in lives { life.isSilent = false }
      for life in lives { simulation.network.answersAgain(life) }
    }
  }

  /// Starts a new incarnation after `delay`, unless one lives by then.
  public func start(after delay: TimeSpan) {
    simulation.cancel(pendingStart)
    pendingStart = simulation.schedule(after: delay, Self.restart) { [weak self] in self?.start() }
  }

  /// `kill(p, graceful)`: SIGTERM. The program decides how it ends. A paused process gets it when resumed.
  public func terminate() {
    guard let current else { return }
    simulation.note(Self.terminating, by: current)
    simulation.schedule(after: .zero, for: current, Self.terminating) { current.program?.terminate() }
  }

  /// `kill(p, crash)`: nothing of it runs any more, peers see RST.
  public func crash() { current?.end(.crashed) }

  /// `kill(p, silent)`: nothing of it runs any more, peers see nothing.
  public func vanish() { current?.end(.vanished) }

  /// `pause(p)`: frozen; its clock goes on. Deliveries and timers wait.
  public func pause() {
    guard let current, current.state == .running else { return }
    current.state = .paused
    simulation.note(Self.paused, by: current)
  }

  /// Goes on; what fell due meanwhile happens now, in order.
  public func resume() {
    guard let current, current.state == .paused else { return }
    current.state = .running
    simulation.note(Self.resumed, by: current)
    current.releaseHeld()
  }

  /// The next life crashes at its `number`-th effect (send, dial, listen), counted from 1, instead of doing it.
  public func crashNextLife(atEffect number: Int) { crashAtEffect = number }

  /// The present life crashes at its `number`-th effect from now, counted from 1, instead of doing it.
  public func crash(atEffect number: Int) {
    guard let current else { return }
    current.crashAtEffect = current.effects + number
  }

  func ended(_ incarnation: Incarnation, _ reason: ExitReason) {
    current = nil
    if incarnation.isSilent { silentLives.append(incarnation) }
    simulation.note(Self.ended, by: incarnation, ("reason", .text(reason.text)))
    onEnd?(incarnation, reason)
  }

  /// Told of every start of a life, before its program runs.
  public var onStart: ((Incarnation) -> Void)?

  /// Told of every end of a life, after its sockets were dealt with.
  public var onEnd: ((Incarnation, ExitReason) -> Void)?

  /// Lets go of everything at the end of the run; no further life begins.
  func discard() {
    makeProgram = nil
    onStart = nil
    onEnd = nil
    current = nil
    silentLives.removeAll()
  }
}
