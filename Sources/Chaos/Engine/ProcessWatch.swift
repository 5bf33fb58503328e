import Synchronization
import TestEnvironment

/// Which processes live, from what was observed, and which of them the engine itself keeps from working.
final class ProcessWatch: Sendable {
  private struct State {
    var read = 0
    var dead: Set<String> = []
    /// How many faults keep each process from its work.
    var impaired: [String: Int] = [:]
  }

  private let state = Mutex(State())

  /// Whether the process runs. One that was never heard of does.
  func isAlive(_ process: String, in environment: some Environment) -> Bool {
    let observations = environment.observations
    return state.withLock { state in
      for timed in observations[min(state.read, observations.count)...] {
        switch timed.observation {
        case .processStarted(let name): state.dead.remove(name)
        case .processEnded(let name, _, _): state.dead.insert(name)
        default: break
        }
      }
      state.read = observations.count
      return !state.dead.contains(process)
    }
  }

  func impair(_ processes: [String]) {
    state.withLock { for process in processes { $0.impaired[process, default: 0] += 1 } }
  }

  func relieve(_ processes: [String]) {
    state.withLock { for process in processes { $0.impaired[process, default: 0] -= 1 } }
  }

  func isImpaired(_ process: String) -> Bool { state.withLock { ($0.impaired[process] ?? 0) > 0 } }
}
