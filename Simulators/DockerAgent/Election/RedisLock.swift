import SimulationRuntime
import StreamSpaceProtocol

/// The lock as a key of Redis (C29): `streamspace:agent:leader:A` holds the record, `…:term` its term.
///
/// The key's expiry only tidies up; nobody judges by it, because Redis counts on a clock of its own. A key that was deleted
/// cannot be told from one that was lost, so a release leaves a record too.
final class RedisLock: LockBackend {
  /// How long a record outlives its last writer: four leases, so that no candidate sees it vanish before it may act.
  static let tidyUp = LockElection.lease * 4

  /// Writes record and term if the key still holds what was judged. Keys: record, term; arguments: the record expected, the
  /// new one, its life in ms, its term.
  static let compareAndExtend = RedisScript(
    """
    if redis.call('GET', KEYS[1]) == ARGV[1] then
      redis.call('SET', KEYS[1], ARGV[2], 'PX', ARGV[3])
      redis.call('SET', KEYS[2], ARGV[4])
      return 1
    end
    return 0
    """)

  private let connection: RedisConnection
  private let recordKey: String
  private let termKey: String

  init(_ connection: RedisConnection, agentID: String) {
    self.connection = connection
    recordKey = RouteKeys.leader(agent: agentID)
    termKey = RouteKeys.leaderTerm(agent: agentID)
  }

  var agesRecords: Bool { true }
  var keepsWrites: Bool { false }
  var mayBeUnshared: Bool { false }

  func read(_ completion: @escaping (LockReadOutcome) -> Void) {
    connection.call(["MGET", recordKey, termKey]) { [connection] result in
      switch result {
      case .failure(let failure): completion(.failed("redis error: \(failure.text)"))
      case .success(let value):
        guard let elements = value.elements, elements.count == 2 else {
          return completion(.failed("redis error: unexpected answer \(value)"))
        }
        completion(
          .found(
            LockReading(
              text: elements[0].text, storedTerm: elements[1].text.flatMap(Int64.init) ?? 0, storeLife: connection.life)
          ))
      }
    }
  }

  func write(_ write: LockWrite, _ completion: @escaping (LockWriteOutcome, Int) -> Void) {
    let text = write.record.text
    let life = String(Self.tidyUp.milliseconds)
    let done: RedisConnection.Completion = { [connection] result in
      completion(Self.outcome(result), connection.life)
    }
    switch write.over {
    case .absent: connection.call(["SET", recordKey, text, "NX", "PX", life], inLife: write.inLife, done)
    case .anything: connection.call(["SET", recordKey, text, "PX", life], inLife: write.inLife, done)
    case .text(let expected):
      connection.run(
        Self.compareAndExtend, keys: [recordKey, termKey],
        arguments: [expected, text, life, String(write.record.term)], inLife: write.inLife, done)
    }
  }

  private static func outcome(_ result: Result<RESPValue, RedisConnection.Failure>) -> LockWriteOutcome {
    switch result {
    case .success(.simple), .success(.integer(1)): .stored
    case .success: .conflict
    // Nothing was sent: what was judged has to be looked at again.
    case .failure(.otherLife): .conflict
    case .failure(let failure): .failed("redis error: \(failure.text)")
    }
  }

  func permits(_ record: LockRecord) -> Bool { true }
  func letGo() {}
  func close() { connection.close() }
}
