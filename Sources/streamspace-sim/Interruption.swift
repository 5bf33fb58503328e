import Foundation
import Synchronization

/// SIGINT and SIGTERM: noticed between two cases, so that nothing is left half written.
enum Interruption {
  private static let flag = Atomic<Bool>(false)

  static var isRequested: Bool { flag.load(ordering: .relaxed) }

  /// After a signal: says that nothing was written, and throws ``ExitStatus/interrupted``.
  static func endWithoutOutput() throws {
    guard isRequested else { return }
    Output.complain("interrupted: nothing was written")
    throw ExitStatus.interrupted
  }

  /// From now on the first signal asks for an end; a second one ends the process at once.
  static func watch() {
    for number in [SIGINT, SIGTERM] {
      signal(number) { received in
        if Interruption.isRequested { _exit(130) }
        Interruption.flag.store(true, ordering: .relaxed)
        _ = received
      }
    }
    // A parent may have blocked them (threads of a pool do): then no Ctrl-C would ever arrive.
    var wanted = sigset_t()
    sigemptyset(&wanted)
    for number in [SIGINT, SIGTERM] { sigaddset(&wanted, number) }
    pthread_sigmask(SIG_UNBLOCK, &wanted, nil)
  }
}
