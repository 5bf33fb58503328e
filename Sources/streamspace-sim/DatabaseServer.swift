import Dispatch
import Oracles
import PostgreSQL
import SimulatedEnvironment
import StreamSpaceProtocol
import TestEnvironment

/// The PostgreSQL server of a run, where the database halves of cases run one after the other, in real time.
final class DatabaseServer {
  let laboratory: any DatabaseLaboratory

  /// Connects. Says in one line why it cannot, and throws the exit status.
  init(_ address: DatabaseAddress) throws {
    do {
      laboratory = try PostgreSQLLaboratory(url: address.url)
    } catch {
      let isUnreadable = error.message.hasPrefix("the database URL cannot be read")
      Output.complain("error: --database-url: \(address.complaint(error.message, isUnreadable: isUnreadable))")
      throw isUnreadable ? ExitStatus.usage : ExitStatus.unavailable
    }
  }

  /// Runs the halves; after SIGINT the present one ends early, with what it made removed, and no other begins.
  func run(_ halves: [CaseRequest], showsProgress: Bool) -> [CaseRun] {
    var runs: [CaseRun] = []
    for (index, half) in halves.enumerated() where !Interruption.isRequested {
      if showsProgress { Output.progress("PostgreSQL: \(half.testCase.id), \(index + 1) of \(halves.count)") }
      runs.append(
        CaseRunner.run(
          half, on: laboratory, clock: { .nanoseconds(DispatchTime.now().uptimeNanoseconds) },
          isStopped: { Interruption.isRequested }))
    }
    return runs
  }

  /// Why a half did not run when no server was given.
  static let reason = "needs PostgreSQL (--database-url)"

  static func skipped(_ half: CaseRequest) -> CaseRun { CaseRunner.skipped(half, on: .postgreSQL, reason) }
}

extension DatabaseEngineName {
  /// Both, for a line.
  static var allNames: String { allCases.map(\.rawValue).joined(separator: ", ") }
}
