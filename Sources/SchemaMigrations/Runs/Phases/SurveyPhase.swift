import StreamSpaceProtocol

/// Looks at what the database has: its ledger, and its catalogue where the ledger leaves something to do.
struct SurveyPhase: RunPhase {
  private enum State { case start, ledger, catalogue }
  private var state = State.start
  /// Nil: the database has none.
  private(set) var ledger: MigrationLedger?
  private(set) var catalogue = SQLCatalogue()
  /// Whether the catalogue is needed, by the ledger.
  private let needsCatalogue: (MigrationLedger?) -> Bool

  init(needsCatalogue: @escaping (MigrationLedger?) -> Bool) { self.needsCatalogue = needsCatalogue }

  mutating func next(_ answer: SQLResponse?) -> PhaseAction {
    switch (state, answer) {
    case (.start, _):
      state = .ledger
      return .send(.execute(MigrationLedger.read, []))
    case (.ledger, .failure(let error)?):
      guard case .undefinedTable = error.kind else { return .failed(place: "ledger", error) }
    case (.ledger, .result(let result)?):
      do throws(SQLRowError) { ledger = try MigrationLedger(result) } catch { return Self.unreadable(error) }
    case (.catalogue, .failure(let error)?): return .failed(place: "catalogue", error)
    case (.catalogue, .result(let result)?):
      do throws(SQLRowError) { catalogue = try SQLCatalogue(result) } catch { return Self.unreadable(error) }
      return .over
    case (_, nil): return .over
    }
    guard needsCatalogue(ledger) else { return .over }
    state = .catalogue
    return .send(.execute(SQLCatalogue.query, []))
  }

  private static func unreadable(_ error: SQLRowError) -> PhaseAction {
    .failed(place: "ledger", SQLError(sqlState: "", message: error.description, kind: .other))
  }
}
