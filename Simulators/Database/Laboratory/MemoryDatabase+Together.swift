import SchemaMigrations
import StreamSpaceProtocol

extension MemoryDatabase {
  /// Carries out several runs side by side, each on a connection of its own: request by request on a small virtual clock,
  /// with times to and at the server drawn from `seed`. Locks make them wait as in the simulated server, `lock_timeout` and
  /// the pauses of a run pass in virtual time, and two CREATEs whose spans overlap collide.
  ///
  /// - Returns: The ends in the order of the runs.
  /// - Throws: 40P01 when nobody can go on any more.
  package func runTogether(_ runs: [any MigrationRun], seed: UInt64) throws(SQLError) -> [MigrationEnd] {
    var table = RunTable(self, runs, seed: seed)
    return try table.carryOut()
  }
}

/// The runs under way and what happens next.
private struct RunTable {
  /// What happens to one run at one time.
  private enum Event {
    /// It is told the answer, or nothing, and says what it wants next.
    case resumes(SQLResponse?)
    case arrives(SQLRequest)
    case isPerformed(SQLRequest)
    case timesOut
    /// The server has done the work of its statement.
    case isDone(SQLResponse)
  }

  private struct Entry {
    let time: Int64
    /// Order of entries of one time.
    let number: Int
    let run: Int
    let event: Event
  }

  private let database: MemoryDatabase
  private let runs: [any MigrationRun]
  private let sessions: [DatabaseSession]
  private var ends: [MigrationEnd?]
  private var agenda: [Entry] = []
  private var entryCount = 0
  private var random: UInt64
  private let start: Int64

  init(_ database: MemoryDatabase, _ runs: [any MigrationRun], seed: UInt64) {
    self.database = database
    self.runs = runs
    sessions = runs.map { _ in database.newSession() }
    ends = runs.map { _ in nil }
    random = seed
    start = database.now
  }

  mutating func carryOut() throws(SQLError) -> [MigrationEnd] {
    database.engine.holdsForWork = true
    defer { database.engine.holdsForWork = false }
    for run in runs.indices { add(.resumes(nil), of: run, at: start + draw(200)) }
    while let entry = takeNext() {
      database.advance(byMicroseconds: entry.time - database.now)
      handle(entry)
    }
    for session in sessions { _ = database.engine.disconnect(session, at: database.now, finishingStatement: false) }
    let finished = ends.compactMap(\.self)
    guard finished.count == runs.count else { throw .injected(sqlState: "40P01") }
    return finished
  }

  private mutating func handle(_ entry: Entry) {
    let (run, session) = (entry.run, sessions[entry.run])
    switch entry.event {
    case .resumes(let answer):
      switch runs[run].next(answer) {
      case .send(let request): add(.arrives(request), of: run, at: entry.time + 100 + draw(400))
      case .pause(let milliseconds): add(.resumes(nil), of: run, at: entry.time + Int64(milliseconds) * 1_000)
      case .ended(let end):
        ends[run] = end
        deliver(database.engine.disconnect(session, at: entry.time, finishingStatement: false))
      }
    case .arrives(let request):
      database.engine.beginService(of: request, from: session)
      let work = database.engine.estimatedWork(of: request, from: session)
      add(.isPerformed(request), of: run, at: entry.time + 100 + draw(300) + work)
    case .isPerformed(let request):
      let effects = database.engine.submit(request, from: session, at: entry.time)
      deliver(effects)
      if effects.answer(to: session) == nil, let timeout = database.engine.lockTimeout(of: session) {
        add(.timesOut, of: run, at: entry.time + Int64(timeout) * 1_000)
      }
    case .isDone(let response):
      add(.resumes(response), of: run, at: entry.time + 100 + draw(400))
      deliver(database.engine.release(session, at: entry.time))
    case .timesOut: deliver(database.engine.cancel(session, with: .lockTimeout, at: entry.time))
    }
  }

  /// Hands answers to the runs they are for.
  private mutating func deliver(_ effects: DatabaseEffects) {
    for answer in effects.answers {
      guard let run = sessions.firstIndex(of: answer.session), ends[run] == nil else { continue }
      agenda.removeAll { $0.run == run }
      add(.isDone(answer.response), of: run, at: database.now + answer.work)
    }
  }

  private mutating func add(_ event: Event, of run: Int, at time: Int64) {
    agenda.append(Entry(time: time, number: entryCount, run: run, event: event))
    entryCount += 1
  }

  private mutating func takeNext() -> Entry? {
    let first = agenda.indices.min { (agenda[$0].time, agenda[$0].number) < (agenda[$1].time, agenda[$1].number) }
    return first.map { agenda.remove(at: $0) }
  }

  /// A number of microseconds below `bound` (SplitMix64).
  private mutating func draw(_ bound: UInt64) -> Int64 {
    random &+= 0x9E37_79B9_7F4A_7C15
    var mixed = random
    mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
    return Int64((mixed ^ (mixed >> 31)) % bound)
  }
}
