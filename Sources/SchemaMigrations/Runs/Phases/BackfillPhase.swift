import StreamSpaceProtocol

/// An UPDATE in batches by key, each a transaction that records where it ended (spec/00, Migrations).
struct BackfillPhase: RunPhase {
  /// Rows of one transaction.
  static let batch = 5_000

  private enum State { case start, lookingForEnd, lookingForLast, batch, over }

  private let place: String
  private let update: SQLStatement
  private let findEnd: SQLStatement
  private let findLast: SQLStatement
  private let reached: (String) -> SQLRequest
  private let done: SQLRequest
  /// The key after which the next batch begins.
  private var position: String
  private var state = State.start
  private var transaction: AtomicPhase?
  private var isLast = false

  /// `position`: the key up to which an earlier run came; `reached` records the end of a batch, `done` the step.
  init(
    place: String, _ statement: String, table: String, key: String, position: String?,
    reached: @escaping (String) -> SQLRequest, done: SQLRequest
  ) {
    self.place = place
    update = RunStatement.step("\(place)/1", statement)
    findEnd = RunStatement.step(
      "\(place)/end", "SELECT \(key) FROM \(table) WHERE \(key) > $1 ORDER BY \(key) LIMIT 1 OFFSET \(Self.batch - 1)")
    findLast = RunStatement.step(
      "\(place)/last", "SELECT \(key) FROM \(table) WHERE \(key) > $1 ORDER BY \(key) DESC LIMIT 1")
    self.position = position ?? ""
    self.reached = reached
    self.done = done
  }

  mutating func next(_ answer: SQLResponse?) -> PhaseAction {
    switch state {
    case .start: return look(findEnd, .lookingForEnd)
    case .lookingForEnd: return found(answer) { $0.look($0.findLast, .lookingForLast) }
    case .lookingForLast:
      isLast = true
      return found(answer) { $0.begin([$0.done]) }
    case .batch: return inBatch(answer)
    case .over: return .over
    }
  }

  private mutating func look(_ statement: SQLStatement, _ next: State) -> PhaseAction {
    state = next
    return .send(.execute(statement, [.text(position)]))
  }

  /// Goes on with the batch that ends at the key found, or with `orElse` where there is none.
  private mutating func found(_ answer: SQLResponse?, orElse: (inout Self) -> PhaseAction) -> PhaseAction {
    switch answer {
    case .failure(let error)?: return .failed(place: "\(place)/1", error)
    case .result(let result)?:
      guard let end = result.firstRow?.values.first?.keyText else { return orElse(&self) }
      let fill = SQLRequest.execute(update, [.text(position), .text(end)])
      position = end
      return begin([fill, isLast ? done : reached(end)])
    case nil: return .over
    }
  }

  private mutating func begin(_ requests: [SQLRequest]) -> PhaseAction {
    state = .batch
    transaction = AtomicPhase(place: place, requests)
    return inBatch(nil)
  }

  private mutating func inBatch(_ answer: SQLResponse?) -> PhaseAction {
    let action = transaction?.next(answer) ?? .over
    guard action == .over else { return action }
    guard isLast else { return look(findEnd, .lookingForEnd) }
    state = .over
    return .over
  }
}

extension SQLValue {
  /// A key as the ledger keeps it.
  fileprivate var keyText: String? {
    switch self {
    case .text(let text): text
    case .integer(let integer): String(integer)
    default: nil
    }
  }
}
