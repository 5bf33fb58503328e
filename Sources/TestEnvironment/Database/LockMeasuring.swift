import StreamSpaceProtocol

/// A database that can tell for how long its tables were locked. SQLite has one lock for everything, so only
/// PostgreSQL's can.
package protocol LockMeasuring: LaboratoryDatabase {
  /// Carries out `body` and reports which locks that stop writers were held meanwhile, and how long the probes had to
  /// wait. Each probe runs on a connection of its own, all along.
  func measureLocks<Result>(
    beside probes: [LockProbe], _ body: () throws(SQLError) -> Result
  ) throws(SQLError) -> (result: Result, report: LockReport)
}

/// A small statement that is sent again and again beside a migration, as an agent's heartbeat is.
package struct LockProbe: Sendable {
  package let statement: SQLStatement
  /// One set is sent after the other, then from the beginning.
  package let parameters: [[SQLValue]]
  /// Milliseconds from one sending to the next; the next waits for the answer to the last.
  package let interval: Int

  package init(_ statement: SQLStatement, parameters: [[SQLValue]] = [[]], everyMilliseconds interval: Int) {
    self.statement = statement
    self.parameters = parameters
    self.interval = interval
  }
}

/// What the measuring saw.
package struct LockReport: Sendable {
  /// The longest time for which one transaction held a lock of one mode on one table.
  package struct Span: Sendable, Equatable {
    package let table: String
    /// As PostgreSQL names it: `AccessExclusiveLock`.
    package let mode: String
    /// From the first sample that shows the lock to the last: it was held no shorter.
    package let atLeast: Duration
    /// From the last sample without it to the first without it again: it was held no longer.
    package let atMost: Duration

    package init(table: String, mode: String, atLeast: Duration, atMost: Duration) {
      self.table = table
      self.mode = mode
      self.atLeast = atLeast
      self.atMost = atMost
    }
  }

  /// How one probe fared.
  package struct Probe: Sendable {
    package let name: String
    /// Answers that were no error.
    package let answered: Int
    package let failures: [SQLError]
    /// From sending to the answer.
    package let longest: Duration
    package let median: Duration

    package init(name: String, answered: Int, failures: [SQLError], longest: Duration, median: Duration) {
      self.name = name
      self.answered = answered
      self.failures = failures
      self.longest = longest
      self.median = median
    }
  }

  /// One per table and mode, longest first.
  package let spans: [Span]
  /// In the order of the probes.
  package let probes: [Probe]
  package let samples: Int
  /// The longest time between two samples: locks that are shorter can be missed.
  package let widestGap: Duration

  package init(spans: [Span], probes: [Probe], samples: Int, widestGap: Duration) {
    self.spans = spans
    self.probes = probes
    self.samples = samples
    self.widestGap = widestGap
  }

  /// The longest span of all.
  package var longest: Span? { spans.first }
}
