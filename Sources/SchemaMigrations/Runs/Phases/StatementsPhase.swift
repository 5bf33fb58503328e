import StreamSpaceProtocol

/// Requests one after the other, each of which commits by itself.
struct StatementsPhase: RunPhase {
  private let place: String
  private let requests: [SQLRequest]
  /// Whether the place of a failure tells the number of the request.
  private let countsStatements: Bool
  private var sent = 0

  init(place: String, _ requests: [SQLRequest], countsStatements: Bool) {
    self.place = place
    self.requests = requests
    self.countsStatements = countsStatements
  }

  mutating func next(_ answer: SQLResponse?) -> PhaseAction {
    if case .failure(let error)? = answer {
      return .failed(place: countsStatements ? "\(place)/\(sent)" : place, error)
    }
    guard sent < requests.count else { return .over }
    sent += 1
    return .send(requests[sent - 1])
  }
}
