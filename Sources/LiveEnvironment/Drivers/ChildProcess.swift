import Foundation

/// A program started by this process, in a group of its own and with no signal blocked.
///
/// Foundation's own `Process` does for neither purpose here: a child inherits the blocked signals of the thread that
/// starts it (threads of a pool block SIGTERM, and what cannot be stopped in order is no component to test), and it
/// counts as running as long as any of its descendants does.
///
/// For one thread at a time.
package final class ChildProcess {
  package let pid: Int32
  /// Set once it was waited for: its exit status, or 128 and the signal that ended it.
  private var ended: Int32?

  /// - Parameters:
  ///   - file: its path.
  ///   - variables: its whole environment.
  ///   - output: where its output goes, by descriptor; nil: nowhere.
  ///   - complaint: as `output`, for standard error.
  /// - Returns: nil when the system starts no such thing.
  package init?(
    _ file: String, arguments: [String], variables: [String: String], output: Int32?, complaint: Int32?
  ) {
    var actions = posix_spawn_file_actions_t()
    var attributes = posix_spawnattr_t()
    posix_spawn_file_actions_init(&actions)
    posix_spawnattr_init(&attributes)
    defer {
      posix_spawn_file_actions_destroy(&actions)
      posix_spawnattr_destroy(&attributes)
    }
    posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
    for (number, given) in [(Int32(1), output), (2, complaint)] {
      if let given {
        posix_spawn_file_actions_adddup2(&actions, given, number)
      } else {
        posix_spawn_file_actions_addopen(&actions, number, "/dev/null", O_WRONLY, 0)
      }
    }
    var none = sigset_t()
    sigemptyset(&none)
    posix_spawnattr_setsigmask(&attributes, &none)
    var usual = sigset_t()
    sigemptyset(&usual)
    for number in [SIGINT, SIGTERM, SIGPIPE, SIGHUP, SIGCHLD] { sigaddset(&usual, number) }
    posix_spawnattr_setsigdefault(&attributes, &usual)
    posix_spawnattr_setpgroup(&attributes, 0)
    posix_spawnattr_setflags(
      &attributes, Int16(POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETPGROUP))
    let pairs = variables.keys.sorted().map { "\($0)=\(variables[$0] ?? "")" }
    var words = ([file] + arguments).map { strdup($0) } + [nil]
    var environment = pairs.map { strdup($0) } + [nil]
    defer {
      for word in words { free(word) }
      for pair in environment { free(pair) }
    }
    var started: pid_t = 0
    var outcome = posix_spawn(&started, file, &actions, &attributes, &words, &environment)
    // A file that was just written: between fork and exec another child holds it open for writing, too.
    for _ in 0..<100 where outcome == ETXTBSY {
      usleep(10_000)
      outcome = posix_spawn(&started, file, &actions, &attributes, &words, &environment)
    }
    guard outcome == 0 else { return nil }
    pid = started
  }

  /// Its exit status, or 128 and the signal that ended it; nil while it runs.
  package var status: Int32? {
    if let ended { return ended }
    var status: Int32 = 0
    let answer = waitpid(pid, &status, WNOHANG)
    if answer == pid {
      let signal = status & 0x7f
      ended = signal == 0 ? (status >> 8) & 0xff : 128 + signal
    } else if answer < 0, errno == ECHILD {
      // Somebody else has waited for it.
      ended = -1
    }
    return ended
  }

  /// Waits for its end; nil when it takes longer than `limit`.
  package func wait(_ limit: Duration) -> Int32? {
    let deadline = ContinuousClock.now + limit
    var pause: UInt32 = 1_000
    while true {
      if let status { return status }
      if ContinuousClock.now >= deadline { return nil }
      usleep(pause)
      pause = min(pause * 2, 20_000)
    }
  }

  /// Ends it at once, with those of its descendants that are still in its group.
  package func killGroup() {
    guard ended == nil else { return }
    kill(-pid, SIGKILL)
    _ = wait(.seconds(5))
  }
}
