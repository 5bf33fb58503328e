import Oracles
import StreamSpaceProtocol
import TestEnvironment
import Testing

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
}

@Suite("Viewers")
struct ViewerTests {
  @Test("see the desktop's picture and leave", arguments: [Topology.t1])
  func picture(_ topology: Topology) throws {
    let run = CaseRunner.run(
      adHoc(topology) { environment in
        let session = try await environment.runningSession()
        let viewer = try await environment.viewers(of: "u01").open(ViewerRequest(session), at: nil)
        environment.tell("status", "\(viewer.status ?? 0) \(viewer.edge ?? "")")
        environment.tell("picture", "\(try await viewer.waitForPicture(within: .seconds(10)))")
        environment.tell("steps", viewer.facts.steps.map(\.name).joined(separator: " "))
        environment.tell("equal", "\(try await viewer.compare().isEqual)")
        try await viewer.close(abruptly: false)
        environment.tell("end", "\(viewer.facts.closeCode ?? 0)")
        try await environment.sleep(for: .seconds(20))
      }, twice: true)
    #expect(run.reason == "")
    #expect(run.told("status") == [.text("101 api-1")])
    #expect(run.told("picture") == [.text("true")])
    #expect(run.told("steps") == [.text("upgrade version security initialisation first update picture")])
    #expect(run.told("equal") == [.text("true")])
    #expect(run.told("end") == [.text("1000")])
  }
}
