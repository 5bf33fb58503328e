import StreamSpaceProtocol

/// A connection that is lost as soon as the user wants no more.
final class StoppableConnection: SQLConnection {
  private let connection: any SQLConnection
  private let isStopped: () -> Bool

  init(_ connection: any SQLConnection, isStopped: @escaping () -> Bool) {
    self.connection = connection
    self.isStopped = isStopped
  }

  func answer(_ request: SQLRequest) -> SQLResponse {
    isStopped() ? .failure(TrackedLaboratory.stopped) : connection.answer(request)
  }

  func answer(_ requests: [SQLRequest]) -> [SQLResponse] {
    isStopped() ? requests.map { _ in .failure(TrackedLaboratory.stopped) } : connection.answer(requests)
  }

  func load(_ rows: some Sequence<[SQLValue]>, into table: String, columns: [String]) throws(SQLError) -> Int {
    if isStopped() { throw TrackedLaboratory.stopped }
    return try connection.load(rows, into: table, columns: columns)
  }

  func problem(preparing statement: SQLStatement) -> SQLError? {
    isStopped() ? TrackedLaboratory.stopped : connection.problem(preparing: statement)
  }

  func hasNeverHeldRows(_ table: String) -> Bool { connection.hasNeverHeldRows(table) }

  func close() { connection.close() }
}
