#if Live
  import Dispatch
  import Foundation
  import SocketBridges
  import StreamSpaceProtocol
  import TestEnvironment

  /// The served replicas of one case: a process of the operating system each. What is asked of them is done on a thread of its
  /// own, one thing after another.
  ///
  /// Unchecked: `children` and what belongs to it are touched on `queue` only; the rest never changes.
  package final class ReplicaFleet: @unchecked Sendable {
    /// What happens to a replica, told on some thread.
    package enum Event: Sendable {
      case started(String)
      /// It takes connections.
      case listening(String)
      case ended(String, reason: String, isInjected: Bool)
      case paused(String)
      case resumed(String)
    }

    /// How one replica is started.
    package struct Launch: Sendable {
      package var name: String
      package var port: Int
      package var program: String
      package var arguments: [String]
      package var environment: [String: String]
      /// What its ids are drawn from, together with how often anything was started.
      package var seed: UInt64

      package init(
        name: String, port: Int, program: String, arguments: [String], environment: [String: String], seed: UInt64 = 1
      ) {
        self.name = name
        self.port = port
        self.program = program
        self.arguments = arguments
        self.environment = environment
        self.seed = seed
      }
    }

    private struct Child {
      var process: ServerProcess
      /// Its end was asked for.
      var isExpected = false
    }

    package let launches: [Launch]
    private let logs: String
    private let queue = DispatchQueue(label: "replica-fleet")
    private var children: [String: Child] = [:]
    private var isOver = false
    /// Starts so far.
    private var lives = 0
    private let tell: @Sendable (Event) -> Void

    /// Seconds that a stop may take (`SHUTDOWN_TIMEOUT` is 30 s, C37).
    private static let patience = 40.0

    /// Seconds from a start to the first connection.
    private static let startPatience = 20.0
    /// Seconds from the first connection until one that is not ready is let in all the same.
    private static let readyPatience = 5.0

    /// - Parameter logs: The folder in which each replica writes what it says.
    package init(_ launches: [Launch], logs: String, tell: @escaping @Sendable (Event) -> Void) {
      self.launches = launches
      self.logs = logs
      self.tell = tell
    }

    package func launch(of name: String) -> Launch? { launches.first { $0.name == name } }

    /// Does it, and tells when it is done.
    package func perform(
      _ action: Action, on name: String, _ done: @escaping @Sendable (Result<Void, any Error>) -> Void
    ) {
      queue.async { [self] in
        done(
          Result {
            guard !isOver else { throw ServerProcess.Failure(description: "the run is over") }
            try perform(action, on: name)
          })
      }
    }

    /// Ends all of them; returns when none is left.
    package func end() {
      queue.sync {
        isOver = true
        for name in children.keys.sorted() {
          children[name]?.isExpected = true
          children[name]?.process.send(SIGCONT)
          children[name]?.process.send(SIGKILL)
        }
        for name in children.keys.sorted() { children[name]?.process.waitForEnd(seconds: 5) }
        children.removeAll()
      }
    }

    // MARK: On the queue

    private func perform(_ action: Action, on name: String) throws {
      switch action {
      case .start: try start(name)
      case .crash: finish(name, SIGKILL, "killed")
      case .stop: finish(name, SIGTERM, "stopped")
      case .restart:
        finish(name, SIGTERM, "stopped")
        try start(name)
      case .vanish:
        // Nothing of it is heard any more, and nobody is told: frozen until it is started again.
        children[name]?.isExpected = true
        children[name]?.process.send(SIGSTOP)
        tell(.ended(name, reason: "vanished", isInjected: true))
      case .pause:
        children[name]?.process.send(SIGSTOP)
        tell(.paused(name))
      case .resume:
        children[name]?.process.send(SIGCONT)
        tell(.resumed(name))
      }
    }

    private func start(_ name: String) throws {
      guard let launch = launch(of: name) else {
        throw ServerProcess.Failure(description: "there is no replica \(name)")
      }
      if let old = children[name] {
        // One that vanished, or that is frozen.
        guard old.isExpected || !old.process.isRunning else { return }
        old.process.send(SIGCONT)
        old.process.send(SIGKILL)
        old.process.waitForEnd(seconds: 5)
        children[name] = nil
      }
      // Another life draws other ids: others still know those of the last one.
      lives += 1
      let seed = UInt64(lives) &* 7_919 &+ launch.seed
      let process = try ServerProcess(
        launch.program, launch.arguments + ["--seed", String(seed)], environment: launch.environment,
        log: "\(logs)/\(name).log"
      ) { [weak self] reason in
        guard let self else { return }
        queue.async { self.ended(name, reason) }
      }
      children[name] = Child(process: process)
      tell(.started(name))
      try awaitListening(launch, process)
      tell(.listening(name))
    }

    /// Waits until it takes connections, and a little longer until it says that it is ready: a platform sends nothing to
    /// one that does not. One that stays unready can be reached all the same.
    private func awaitListening(_ launch: Launch, _ process: ServerProcess) throws {
      let deadline = DispatchTime.now() + Self.startPatience
      while !LoopbackPort.takesConnections(launch.port) {
        guard process.isRunning else { return }
        guard DispatchTime.now() < deadline else {
          throw ServerProcess.Failure(description: "\(launch.name) did not listen on port \(launch.port) within 20 s")
        }
        usleep(10_000)
      }
      let enough = DispatchTime.now() + Self.readyPatience
      while process.isRunning, DispatchTime.now() < enough, !isReady(launch) { usleep(50_000) }
    }

    private func isReady(_ launch: Launch) -> Bool {
      let base = BaseURL(host: "127.0.0.1", port: launch.port)
      return Blocking.wait {
        (try? await HTTPClient.send(HTTPRequest(.get, "/health"), to: base, timeout: .seconds(2)))?.status == .ok
      }
    }

    /// It ended, and nobody here asked for that.
    private func ended(_ name: String, _ reason: String) {
      guard let child = children[name], !child.isExpected, !child.process.isRunning else { return }
      children[name] = nil
      tell(.ended(name, reason: reason, isInjected: false))
    }

    private func finish(_ name: String, _ signal: Int32, _ reason: String) {
      guard let child = children[name], child.process.isRunning else { return }
      children[name]?.isExpected = true
      child.process.send(signal)
      if signal == SIGKILL { child.process.send(SIGCONT) }
      if !child.process.waitForEnd(seconds: Self.patience) {
        child.process.send(SIGKILL)
        child.process.waitForEnd(seconds: 5)
      }
      children[name] = nil
      tell(.ended(name, reason: reason, isInjected: true))
    }
  }
#endif
