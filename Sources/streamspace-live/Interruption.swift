import Dispatch
import Foundation

/// SIGINT and SIGTERM. A second one after the first ends the process at once.
///
/// Unchecked: `sources` is touched by the thread that made it; the rest is behind locks of its own.
final class Interruption: @unchecked Sendable {
  private static let numbers = [SIGINT, SIGTERM]

  private let came = DispatchSemaphore(value: 0)
  private let lock = NSLock()
  private var isThere = false
  private var sources: [any DispatchSourceSignal] = []

  /// Returns when signals are watched for: one that comes before is lost, so begin before anybody is told to send one.
  init() {
    let registered = DispatchSemaphore(value: 0)
    var wanted = sigset_t()
    sigemptyset(&wanted)
    for number in Self.numbers {
      sigaddset(&wanted, number)
      signal(number, SIG_IGN)
      let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
      source.setEventHandler { [self] in
        lock.withLock { isThere = true }
        came.signal()
      }
      source.setRegistrationHandler { registered.signal() }
      source.resume()
      sources.append(source)
    }
    // A parent may have blocked them: then no Ctrl-C would ever arrive.
    pthread_sigmask(SIG_UNBLOCK, &wanted, nil)
    for _ in Self.numbers { registered.wait() }
  }

  /// Whether one has come.
  var hasCome: Bool { lock.withLock { isThere } }

  /// Returns when the first of them has come.
  func wait() {
    came.wait()
    for source in sources { source.cancel() }
    for number in Self.numbers { signal(number, SIG_DFL) }
  }
}
