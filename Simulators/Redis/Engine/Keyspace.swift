/// One numbered database: keys, values, expiries. Knows nothing of commands or time of day.
struct Keyspace {
  private var table = ByteTable<KeyEntry>()
  /// Number of keys with an expiry.
  private(set) var volatileCount = 0
  /// No key expires before this time; ``Int64/max`` when none does. Exact after ``refreshEarliestExpiry()``.
  private(set) var earliestExpiry = Int64.max
  /// Connections that watch a key of this database.
  var watchers: [ByteString: [ConnectionID]] = [:]

  /// Number of keys, expired ones that were not collected included.
  var count: Int { table.count }

  subscript(key: ByteString) -> KeyEntry? { table[key] }

  @discardableResult
  mutating func update(_ key: ByteString, to entry: KeyEntry) -> KeyEntry? {
    if let expiry = entry.expiry {
      volatileCount += 1
      if expiry < earliestExpiry { earliestExpiry = expiry }
    }
    let old = table.update(key, to: entry)
    if old?.expiry != nil { volatileCount -= 1 }
    return old
  }

  @discardableResult
  mutating func remove(_ key: ByteString) -> KeyEntry? {
    let old = table.remove(key)
    if old?.expiry != nil { volatileCount -= 1 }
    return old
  }

  /// Keys and entries in the order of creation.
  var entries: some Sequence<(key: ByteString, value: KeyEntry)> { table.entries }

  func scan(from cursor: UInt64, limit: Int) -> (entries: [(key: ByteString, value: KeyEntry)], next: UInt64) {
    table.scan(from: cursor, limit: limit)
  }

  /// The keys that are gone at a time, in the order of creation.
  func expiredKeys(at now: Int64) -> [ByteString] {
    guard now > earliestExpiry else { return [] }
    return table.entries.compactMap { entry in
      if let expiry = entry.value.expiry, now > expiry { entry.key } else { nil }
    }
  }

  /// Makes ``earliestExpiry`` exact: removals and renewals leave it too early. Linear in the number of keys.
  mutating func refreshEarliestExpiry() {
    earliestExpiry =
      volatileCount == 0 ? .max : table.entries.reduce(Int64.max) { min($0, $1.value.expiry ?? .max) }
  }
}
