import Dispatch
import Foundation

/// SIGINT and SIGTERM.
enum Interruption {
  /// Returns when the first of them has come; a second one ends the process at once.
  static func wait() {
    let came = DispatchSemaphore(value: 0)
    var wanted = sigset_t()
    sigemptyset(&wanted)
    let sources = [SIGINT, SIGTERM].map { number in
      sigaddset(&wanted, number)
      signal(number, SIG_IGN)
      let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
      source.setEventHandler { came.signal() }
      source.resume()
      return source
    }
    // A parent may have blocked them: then no Ctrl-C would ever arrive.
    pthread_sigmask(SIG_UNBLOCK, &wanted, nil)
    came.wait()
    for source in sources { source.cancel() }
    for number in [SIGINT, SIGTERM] { signal(number, SIG_DFL) }
  }
}
