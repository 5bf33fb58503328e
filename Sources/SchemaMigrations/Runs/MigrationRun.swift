import StreamSpaceProtocol

/// What a migration run wants of the connection it has to itself.
package enum MigrationAction: Sendable, Equatable {
  /// Send this and hand the answer to ``MigrationRun/next(_:)``.
  case send(SQLRequest)
  /// Wait so long and go on with ``MigrationRun/next(_:)`` without an answer: a lock was not to be had.
  case pause(milliseconds: Int)
  case ended(MigrationEnd)
}

/// How a run ended.
package enum MigrationEnd: Sendable, Equatable {
  /// The schema stands at `version`; `applied` were carried out by this run, in order (rolled back: descending).
  case ready(version: Int, applied: [Int])
  /// Nothing was written: the reason stands in `/health` (spec/00, Migrations).
  case refused(String)
  /// A statement failed; what was recorded before it stands. `place` is `version.step/statement`, from 1.
  case failed(place: String, SQLError)
}

/// One runner of migrations on one connection, without the connection: it says what to send and is told the answers. The
/// same object serves a replica of the control plane in a simulation and a blocking driver.
package protocol MigrationRun: AnyObject {
  /// The next action. `answer`: to the request of the last `.send`; nil at the start and after a pause.
  func next(_ answer: SQLResponse?) -> MigrationAction
}

extension MigrationRun {
  /// Carries the run out on a connection that answers at once. `pause` waits so many milliseconds.
  package func perform(on connection: some SQLConnection, pause: (Int) -> Void = { _ in }) -> MigrationEnd {
    var answer: SQLResponse?
    while true {
      switch next(answer) {
      case .send(let request): answer = connection.answer(request)
      case .pause(let milliseconds):
        pause(milliseconds)
        answer = nil
      case .ended(let end): return end
      }
    }
  }
}
