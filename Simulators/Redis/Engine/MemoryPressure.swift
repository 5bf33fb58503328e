/// Which keys go when a server is at its limit (`maxmemory-policy`). Redis looks at five keys drawn at random and takes
/// the best of them; this server looks at all, so that nothing has to be drawn.
package enum EvictionPolicy: Sendable, Equatable {
  /// Those with an expiry, the next to expire first.
  case volatileTTL
  /// Whichever was not used for longest, with or without an expiry.
  case allKeysLRU
}

/// The memory that keys take, counted, and the order in which they would go.
struct MemoryPressure {
  /// Bytes.
  let limit: Int
  let policy: EvictionPolicy
  /// Bytes of all keys and values, with what Redis spends on each key.
  private(set) var bytes = 0
  /// When each key was last used: the number of the use.
  private var uses: [[ByteString: Int64]] = []
  private var clock: Int64 = 0

  /// Bytes beside key and value: dictionary entry, object headers, expiry (Redis 7: about 90).
  private static let overhead = 90

  init(limit: Int, policy: EvictionPolicy) {
    self.limit = limit
    self.policy = policy
  }

  static func size(of entry: KeyEntry, at key: ByteString) -> Int {
    overhead + key.bytes.count + (entry.value.string?.count ?? 0)
  }

  mutating func used(_ key: ByteString, in database: Int) {
    while uses.count <= database { uses.append([:]) }
    clock += 1
    uses[database][key] = clock
  }

  mutating func changed(_ key: ByteString, in database: Int, from old: KeyEntry?, to new: KeyEntry?) {
    if let old { bytes -= Self.size(of: old, at: key) }
    if let new {
      bytes += Self.size(of: new, at: key)
      used(key, in: database)
    } else if uses.indices.contains(database) {
      uses[database][key] = nil
    }
  }

  /// The number of the last use of a key.
  func lastUse(of key: ByteString, in database: Int) -> Int64 {
    uses.indices.contains(database) ? uses[database][key] ?? 0 : 0
  }
}

extension RedisEngine {
  /// Bytes of all keys; nil: nobody counts.
  package var usedMemory: Int? { pressure?.bytes }

  /// Evicts keys until the limit is kept. A key of the latest command may be among them.
  func relievePressure() {
    while let pressure, pressure.bytes > pressure.limit {
      guard let victim = victim(pressure) else { return }
      remove(victim.key, in: victim.database, cause: .evicted)
    }
  }

  private func victim(_ pressure: MemoryPressure) -> (database: Int, key: ByteString)? {
    var best: (rank: Int64, database: Int, key: ByteString)?
    for (database, key, entry) in allEntries {
      let rank: Int64
      switch pressure.policy {
      case .allKeysLRU: rank = pressure.lastUse(of: key, in: database)
      case .volatileTTL:
        guard let expiry = entry.expiry else { continue }
        rank = expiry
      }
      if best.map({ rank < $0.rank }) ?? true { best = (rank, database, key) }
    }
    return best.map { ($0.database, $0.key) }
  }
}
