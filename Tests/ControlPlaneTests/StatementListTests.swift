import StreamSpaceProtocol
import Testing

@testable import ControlPlane

@Suite("List of all SQL texts")
struct StatementListTests {
  @Test("dump")
  func dump() {
    for behaviour in [ControlPlaneBehaviour.contract, .shipped] {
      for listed in ControlPlaneStatements.all(for: behaviour) {
        print("STMT\t\(listed.statement.name)\t\(listed.requires)\t\(listed.statement.text)")
      }
    }
  }
}
