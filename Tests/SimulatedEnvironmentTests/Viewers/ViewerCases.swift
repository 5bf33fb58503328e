import Oracles
import TestEnvironment

@testable import SimulatedEnvironment

extension Environment {
  /// A session that runs, with a desktop of 1280x800 unless another template is named.
  func runningSession(_ user: String = "u01", template: String = "rfb-desktop") async throws -> String {
    try await connected()
    let answer = try await self.user(user).create(SessionRequest(template: template), at: nil)
    guard let session = answer.session, answer.isAccepted else {
      throw EnvironmentError("no session: \(answer.status ?? 0) \(answer.error ?? "")")
    }
    try await until { try await sessionRow(session)?.state == "running" }
    return session
  }

  /// A viewer of the session's owner that has its picture (with program `raw`: whose tunnel stands).
  func viewing(
    _ session: String, by user: String = "u01", _ program: ViewerProgram = .desktop, isBinary: Bool = true,
    at replica: String? = nil
  ) async throws -> any Viewer {
    let viewer = try await viewers(of: user).open(
      ViewerRequest(session, isBinary: isBinary, program: program), at: replica)
    guard viewer.status == 101 else { throw EnvironmentError("refused: \(viewer.status ?? 0)") }
    if program != .raw, try await !viewer.waitForPicture(within: .seconds(10)) {
      throw EnvironmentError("no picture: \(viewer.facts.closeCode ?? 0) \(viewer.facts.closeReason ?? "")")
    }
    return viewer
  }

  /// What is left of streams: attachments and tunnels that stand, and sessions with viewers by their rows.
  func tellLeftStreams() async throws {
    var attachments = 0
    var tunnels = 0
    var counts: [String: Int] = [:]
    for timed in observations {
      switch timed.observation {
      case .viewerAttached: attachments += 1
      case .viewerDetached: attachments -= 1
      case .tunnelOpened: tunnels += 1
      case .tunnelClosed: tunnels -= 1
      case .activeConnections(let session, let count): counts[session] = count
      default: break
      }
    }
    tell("left", "\(attachments) \(tunnels) \(counts.values.reduce(0, +))")
  }
}

extension CaseRun {
  /// Breaks and leaks of streams that were told.
  var brokenStreams: [Observation] {
    observations.map(\.observation).filter {
      switch $0 {
      case .streamBroken, .streamLeaked: true
      default: false
      }
    }
  }

  /// Bytes that arrived in order, to viewers and to desktops, in the order in which the viewers ended.
  var comparedBytes: [[Int]] {
    observations.compactMap {
      if case .streamCompared(_, _, let toViewer, let toDesktop) = $0.observation {
        [toViewer, toDesktop]
      } else {
        nil
      }
    }
  }
}

extension [Duration] {
  /// The value that `percent` of all do not exceed, in milliseconds.
  func percentile(_ percent: Int) -> Int {
    guard !isEmpty else { return 0 }
    let value = sorted()[Swift.min(count - 1, count * percent / 100)]
    return Int(value / .milliseconds(1))
  }
}
