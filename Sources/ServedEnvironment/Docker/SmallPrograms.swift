import DockerEngine
import StreamSpaceProtocol

/// What the little programs do by which people try out an engine; every other command runs as a session's desktop does,
/// until it is stopped.
enum SmallPrograms {
  @Sendable static func process(_ specification: ContainerSpecification) -> ContainerProcess {
    var words = specification.command ?? []
    if words.count == 3, ["sh", "/bin/sh"].contains(words[0]), words[1] == "-c" {
      words = words[2].split(separator: " ").map(String.init)
      if words.count == 2, words[0] == "exit", let code = Int(words[1]), (0...255).contains(code) { return ends(code) }
    }
    switch (words.first, words.count) {
    case ("true", 1): return ends(0)
    case ("false", 1): return ends(1)
    case ("sleep", 2):
      guard let seconds = Int64(words[1]), (0...1_000_000_000).contains(seconds) else { return .session }
      // Process 1 has no handler for SIGTERM.
      return ContainerProcess(termination: .ignored, ending: .exits(code: 0, after: .seconds(seconds)))
    default: return .session
    }
  }

  /// As soon as a program of nothing ends.
  private static func ends(_ code: Int) -> ContainerProcess {
    ContainerProcess(termination: .ignored, ending: .exits(code: code, after: .milliseconds(5)))
  }
}
