import StreamSpaceProtocol
import TestEnvironment

/// Samples `pg_locks` of one database on a thread of its own: which locks that stop writers are held on its tables, and
/// for how long.
final class LockMonitor {
  /// Milliseconds between two samples.
  static let interval = 20

  private let record: Record
  private let loop: BackgroundLoop
  private let connection: PostgreSQLConnection

  /// Locks that conflict with those of INSERT, UPDATE and DELETE. A table that a transaction has just made is not seen
  /// by others and not counted.
  private static let query = SQLStatement(
    "locks",
    """
    SELECT c.relname::text AS name, l.mode, l.virtualtransaction || ' ' || l.pid AS holder \
    FROM pg_locks l JOIN pg_class c ON c.oid = l.relation JOIN pg_namespace n ON n.oid = c.relnamespace \
    WHERE l.locktype = 'relation' AND l.granted AND l.pid <> pg_backend_pid() AND c.relkind IN ('r', 'p') \
    AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database()) \
    AND n.nspname NOT IN ('pg_catalog', 'information_schema', 'pg_toast') \
    AND l.mode IN ('ShareLock', 'ShareRowExclusiveLock', 'ExclusiveLock', 'AccessExclusiveLock')
    """)

  /// Begins to sample.
  init(_ database: PostgreSQLDatabase) throws(SQLError) {
    let connection = try database.open()
    self.connection = connection
    let record = Record()
    self.record = record
    // The first sample is taken before what is measured begins.
    record.add(try connection.execute(Self.query))
    loop = BackgroundLoop(everyMilliseconds: Self.interval) {
      guard case .result(let answer) = connection.answer(.execute(Self.query, [])) else { return false }
      record.add(answer)
      return true
    }
  }

  /// Ends, and says what was seen.
  func stop() -> (spans: [LockReport.Span], samples: Int, widestGap: Duration) {
    loop.stop()
    if let answer = try? connection.execute(Self.query) { record.add(answer) }
    connection.close()
    return (record.spans(), record.samples, record.widestGap)
  }

  /// What the samples showed so far. Used by the sampling thread alone until that has ended.
  private final class Record {
    private struct Key: Hashable {
      let table: String
      let mode: String
      let holder: String
    }

    private struct Held {
      /// The last sample without it.
      let before: ContinuousClock.Instant
      let first: ContinuousClock.Instant
      var last: ContinuousClock.Instant
    }

    private let clock = ContinuousClock()
    private var held: [Key: Held] = [:]
    private var longest: [Key: LockReport.Span] = [:]
    private var lastSample: ContinuousClock.Instant?
    private(set) var samples = 0
    private(set) var widestGap = Duration.zero

    func add(_ answer: SQLResult) {
      let now = clock.now
      let previous = lastSample ?? now
      samples += 1
      widestGap = max(widestGap, previous.duration(to: now))
      lastSample = now
      var seen: Set<Key> = []
      for row in answer.rows {
        guard let table = try? row.text("name"), let mode = try? row.text("mode"),
          let holder = try? row.text("holder")
        else { continue }
        let key = Key(table: table, mode: mode, holder: holder)
        seen.insert(key)
        held[key, default: Held(before: previous, first: now, last: now)].last = now
      }
      for key in held.keys where !seen.contains(key) { end(key, at: now) }
    }

    private func end(_ key: Key, at now: ContinuousClock.Instant) {
      guard let span = held.removeValue(forKey: key) else { return }
      // Of all holders the longest counts.
      let place = Key(table: key.table, mode: key.mode, holder: "")
      let atLeast = span.first.duration(to: span.last)
      if let known = longest[place], known.atLeast >= atLeast { return }
      longest[place] = LockReport.Span(
        table: key.table, mode: key.mode, atLeast: atLeast, atMost: span.before.duration(to: now))
    }

    func spans() -> [LockReport.Span] {
      for key in held.keys { end(key, at: lastSample ?? clock.now) }
      return longest.values.sorted {
        ($1.atLeast, $0.table, $0.mode) < ($0.atLeast, $1.table, $1.mode)
      }
    }
  }
}
