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
        // The first use of a statement: its parameters' types are not known before the server has seen it. And what is
        // not prepared may be DDL, after which the plans of the others are made anew.
        responses.append(answer(next))
        waiting = waiting.dropFirst()
      }
    }
    return responses
  }

  /// Whether a request can be sent without asking the server something first.
  private func isReady(_ request: SQLRequest) -> Bool {
    guard case .execute(let statement, _) = request else { return true }
    return known(statement) != nil
  }

  /// Sends all, each with its own end of transaction (a failure does not take the rest with it), then reads all.
  private func pipeline(_ requests: ArraySlice<SQLRequest>) -> [SQLResponse] {
    guard let handle, !isLost else { return requests.map { _ in .failure(.connectionLost) } }
    // libpq does not tell the state inside a pipeline.
    var state = TransactionState(handle)
    guard PQenterPipelineMode(handle) == 1 else { return requests.map { answer($0) } }
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
      let response = receive(request, state, on: handle)
      responses.append(refused[position].map(SQLResponse.failure) ?? response)
      if refused[position] == nil { state = state.after(request, response) }
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
    _ request: SQLRequest, _ before: TransactionState, on handle: OpaquePointer
  ) -> SQLResponse {
    var prepared: PreparedText?
    var supplied = 0
    if case .execute(let statement, let parameters) = request {
      prepared = known(statement)
      supplied = parameters.count
    }
    var response: SQLResponse?
    while !isLost {
      guard let result = PQgetResult(handle) else {
        // Nothing more of this statement; nothing at all when the connection is gone.
        if PQstatus(handle) == CONNECTION_BAD { _ = failure(of: nil) }
        continue
      }
      if PQresultStatus(result) == PGRES_PIPELINE_SYNC {
        PQclear(result)
        break
      }
      response = self.response(of: result, prepared, supplied: supplied)
    }
    if !isLost, let refusal = before.refusal(of: request) { return .failure(refusal) }
    return before.meaning(of: response ?? .failure(.connectionLost), to: request, isLost: isLost)
  }
}
