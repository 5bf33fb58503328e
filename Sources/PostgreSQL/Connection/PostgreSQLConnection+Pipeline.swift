import CPostgres
import StreamSpaceProtocol

/// Many requests without a round trip each.
extension PostgreSQLConnection {
  /// Requests sent before the first answer is read: enough to hide the way, few enough to keep in memory.
  private static let window = 256

  package func answer(_ requests: [SQLRequest]) -> [SQLResponse] {
    var responses: [SQLResponse] = []
    responses.reserveCapacity(requests.count)
    var waiting: ArraySlice<SQLRequest> = requests[...]
    while let next = waiting.first {
      let run = waiting.prefix(Self.window).prefix(while: isReady)
      if run.count > 1 {
        responses += pipeline(run)
        waiting = waiting.dropFirst(run.count)
      } else {
        // The first use of a statement: its parameters' types are not known before the server has seen it.
        responses.append(answer(next))
        waiting = waiting.dropFirst()
      }
    }
    return responses
  }

  /// Whether a request can be sent without asking the server something first.
  private func isReady(_ request: SQLRequest) -> Bool {
    guard case .execute(let statement, let parameters) = request else { return true }
    return statement.isPrepared ? known(statement) != nil : parameters.isEmpty
  }

  /// Sends all, each with its own end of transaction (a failure does not take the rest with it), then reads all.
  private func pipeline(_ requests: ArraySlice<SQLRequest>) -> [SQLResponse] {
    guard let handle, !isLost, PQenterPipelineMode(handle) == 1 else { return requests.map { answer($0) } }
    var states: [TransactionState] = []
    var responses: [SQLResponse] = []
    var refused: [Int: SQLError] = [:]
    for (position, request) in requests.enumerated() {
      do throws(SQLError) {
        try send(request, on: handle)
      } catch {
        refused[position] = error
      }
      _ = PQpipelineSync(handle)
    }
    for (position, request) in requests.enumerated() {
      let before = TransactionState(handle)
      states.append(before)
      responses.append(receive(request, before, refused: refused[position], on: handle))
    }
    if !isLost { _ = PQexitPipelineMode(handle) }
    return responses
  }

  private func send(_ request: SQLRequest, on handle: OpaquePointer) throws(SQLError) {
    if case .execute(let statement, let parameters) = request, let known = known(statement) {
      let list = try ParameterList(parameters, types: known.parameterTypes)
      _ = list.withTexts { count, texts in
        PQsendQueryPrepared(handle, known.name, count, texts, nil, nil, 0)
      }
    } else {
      _ = PQsendQueryParams(handle, request.commandText, 0, nil, nil, nil, nil, 0)
    }
  }

  /// Reads the results of one request up to its synchronisation point.
  private func receive(
    _ request: SQLRequest, _ before: TransactionState, refused: SQLError?, on handle: OpaquePointer
  ) -> SQLResponse {
    var response: SQLResponse?
    var ends = 0
    while !isLost {
      guard let result = PQgetResult(handle) else {
        // Nothing more of this statement; twice in a row only when the connection is gone.
        ends += 1
        if ends > 2 || PQstatus(handle) == CONNECTION_BAD { _ = failure(of: nil) }
        continue
      }
      ends = 0
      if PQresultStatus(result) == PGRES_PIPELINE_SYNC {
        PQclear(result)
        break
      }
      let (known, supplied): (PreparedText?, Int) =
        if case .execute(let statement, let parameters) = request {
          (self.known(statement), parameters.count)
        } else {
          (nil, 0)
        }
      response = self.response(of: result, known, supplied: supplied)
    }
    if let refused { return .failure(refused) }
    let answer = response ?? .failure(.connectionLost)
    if !isLost, let refusal = before.refusal(of: request) { return .failure(refusal) }
    return before.meaning(of: answer, to: request, isLost: isLost)
  }
}
