import Foundation
import StreamSpaceProtocol
import Testing

@testable import ControlPlane

@Suite("List of all SQL texts")
struct StatementListTests {
  /// The contract, the shipped program, and each policy that has a statement of its own.
  static let behaviours: [ControlPlaneBehaviour] = {
    let changes: [(inout ControlPlaneBehaviour) -> Void] = [
      { _ in },
      { $0 = .shipped },
      { $0.dispatch.transitions = .columnMissing },
      { $0.dispatch.startUp = .failsAll },
      { $0.hub.heartbeatStatus = .timestampOnly },
      { $0.hub.heartbeatStatus = .overwritesDraining },
      { $0.hub.presenceRemoval = .always },
      { $0.sessions.quotaCount = .podsOnly },
      { $0.sessions.quotaCount = .storedNumber },
      { $0.sessions.wakeGuard = .trustsFirstLook },
      { $0.sessions.users.feed = .everything },
      { $0.sessions.schema.usage = .withClusterName },
      { $0.streaming.activity = .neverWritten },
      { $0.sessions.schema.load = .activeSessionsColumn },
      { $0.sessions.schema.load = .countedByStatus },
      { $0.sessions.schema.licenceCount = .byStatus },
      { $0.sessions.schema.insertedCommand = .errorMessage },
      { $0.sessions.schema.holder = .controller },
      { $0.sessions.schema.templateScan = .arrayAsList },
      { $0.sessions.schema.catalogueSync = .deletesAndInserts },
      { $0.sessions.schema.catalogueSync = .insertsUnknown },
    ]
    return changes.map { change in
      var behaviour = ControlPlaneBehaviour.contract
      change(&behaviour)
      return behaviour
    }
  }()

  static let listed: [ListedStatement] = {
    var names: Set<String> = []
    return behaviours.flatMap(ControlPlaneStatements.all).filter { names.insert($0.statement.name).inserted }
  }()

  @Test("Every statement that the sources declare is in the list of some behaviour")
  func complete() throws {
    let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent().appendingPathComponent("Simulators/ControlPlane").resolvingSymlinksInPath()
    let files = try #require(FileManager.default.enumerator(at: root, includingPropertiesForKeys: nil))
    var declared: [String] = []
    for case let file as URL in files where file.pathExtension == "swift" {
      let text = try String(contentsOf: file, encoding: .utf8)
      for match in text.matches(of: #/static let \w+ = (?:SQLStatement|claim|candidates)\(\s*"(\w+)"/#) {
        declared.append(String(match.1))
      }
      let calls = text.matches(of: #/SQLStatement\(\s/#).count + text.matches(of: #/SQLStatement\("/#).count
      let named = text.matches(of: #/SQLStatement\(\s*"(\w+)"/#).count
      // What makes statements under a name that it is given: claim, candidates, withoutColumn.
      #expect(calls - named <= 2, "\(file.lastPathComponent) declares a statement that this test does not see")
      for match in text.matches(of: #/static let (\w+) = withoutColumn\((\w+)\)/#) { declared.append("*\(match.2)") }
    }
    #expect(declared.count > 110)
    let names = Set(Self.listed.map(\.statement.name))
    for name in declared where !name.hasPrefix("*") { #expect(names.contains(name), "\(name) is not listed") }
    let missing = declared.filter { $0.hasPrefix("*") }.count
    #expect(names.filter { $0.hasSuffix("WithoutColumn") }.count == missing)
  }

  @Test("A name stands for one text, and no list names a statement twice")
  func unique() {
    var texts: [String: String] = [:]
    for behaviour in Self.behaviours {
      let list = ControlPlaneStatements.all(for: behaviour)
      #expect(Set(list.map(\.statement.name)).count == list.count)
      for listed in list {
        #expect(texts[listed.statement.name, default: listed.statement.text] == listed.statement.text)
        texts[listed.statement.name] = listed.statement.text
      }
    }
  }

  @Test("The contract lists no statement that a defect alone sends")
  func contract() {
    let names = ControlPlaneStatements.all(for: .contract).map(\.statement.name)
    for name in ["commandsSentUnconditionally", "agentCandidatesByStatus", "commandFailAtOnce", "deleteSession"] {
      #expect(!names.contains(name))
    }
    #expect(names.contains("commandsSent"))
    #expect(ControlPlaneStatements.all(for: .contract).allSatisfy { (0...9).contains($0.requires) })
  }

  @Test("Every statement of a read path is listed under the same behaviour")
  func readPaths() {
    #expect(ControlPlaneReadPaths.all(for: .contract).count > 45)
    for behaviour in Self.behaviours {
      let names = Set(ControlPlaneStatements.all(for: behaviour).map(\.statement.name))
      for path in ControlPlaneReadPaths.all(for: behaviour) {
        #expect(names.contains(path.statement.name), "\(path.statement.name)")
      }
    }
  }
}
