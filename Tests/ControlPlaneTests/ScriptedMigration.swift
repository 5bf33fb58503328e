import ControlPlane
import SchemaMigrations
import StreamSpaceProtocol

/// A small runner of migrations in the contract's manner, without DDL: lock, ledger, one transaction for each step with
/// its record, unlock. Rows of `configuration` stand for the ledger.
final class ScriptedMigration: MigrationRun {
  /// What went wrong, if the ledger is to be refused.
  static let refusal = "checksum of version 1 differs"
  static let lock: Int64 = 5_837_001

  private enum Stage {
    case locking, reading, working
    case unlocking(MigrationEnd)
  }

  static let ledger = SQLStatement(
    "testLedger", "SELECT key, value FROM configuration WHERE category = 'ledger' ORDER BY key")
  private static let record = SQLStatement(
    "testRecord", "INSERT INTO configuration (key, value, category) VALUES ($1, $2, 'ledger')")
  private static let work = SQLStatement("testStep", "UPDATE groups SET description = $1 WHERE id = 'all-users'")

  private let steps: Int
  private let pod: String
  private var stage = Stage.locking
  private var requests: [SQLRequest] = []
  private var applied: [Int] = []

  init(steps: Int, pod: String) {
    self.steps = steps
    self.pod = pod
  }

  static func plan(steps: Int) -> SchemaUpgradePlan {
    SchemaUpgradePlan(ledger: ledger) {
      $0.rows.count == steps && !isRefused($0)
    } makeRun: {
      ScriptedMigration(steps: steps, pod: $0)
    }
  }

  static func isRefused(_ ledger: SQLResult) -> Bool {
    ledger.rows.contains { (try? $0.text("value")) == "bad checksum" }
  }

  func next(_ answer: SQLResponse?) -> MigrationAction {
    if case .failure(let error)? = answer { return .ended(.failed(place: "1.1/1", error)) }
    switch stage {
    case .locking:
      stage = .reading
      requests = [.execute(Self.ledger, [])]
      return .send(.advisoryLock(Self.lock))
    case .reading:
      if !requests.isEmpty { return .send(requests.removeFirst()) }
      guard case .result(let rows)? = answer else { return .ended(.refused("no answer")) }
      if Self.isRefused(rows) { return end(.refused(Self.refusal)) }
      let known = Set(rows.rows.compactMap { try? $0.text("key") })
      for step in 1...steps where !known.contains("step-\(step)") {
        requests += [
          .begin, .execute(Self.work, [.text("\(step)")]),
          .execute(Self.record, [.text("step-\(step)"), .text(pod)]), .commit,
        ]
        applied.append(step)
      }
      stage = .working
      return next(nil)
    case .working:
      if !requests.isEmpty { return .send(requests.removeFirst()) }
      return end(.ready(version: steps, applied: applied))
    case .unlocking(let end): return .ended(end)
    }
  }

  private func end(_ end: MigrationEnd) -> MigrationAction {
    stage = .unlocking(end)
    return .send(.advisoryUnlock(Self.lock))
  }
}
