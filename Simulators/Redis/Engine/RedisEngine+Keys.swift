// The only ways to read and change keys: expiry, watches, the journal and the observer are looked after here.

extension RedisEngine {
  /// The entry of a key. An expired one is removed first (`spec/04 §3.5`, lazy expiry).
  func entry(_ key: ByteString, in database: Int) -> KeyEntry? {
    guard let entry = databases[database][key] else { return nil }
    if let expiry = entry.expiry, now > expiry {
      remove(key, in: database, cause: .expired)
      return nil
    }
    pressure?.used(key, in: database)
    return entry
  }

  /// Whether a key is there, without removing an expired one.
  func isVisible(_ entry: KeyEntry) -> Bool {
    entry.expiry.map { now <= $0 } ?? true
  }

  /// Stores an entry.
  func store(_ entry: KeyEntry, at key: ByteString, in database: Int, cause: KeyChange.Cause = .command) {
    let old = databases[database].update(key, to: entry)
    noteChange(of: key, in: database, from: old, to: entry, cause: cause)
  }

  /// Removes a key; false when it was not there.
  @discardableResult
  func remove(_ key: ByteString, in database: Int, cause: KeyChange.Cause = .command) -> Bool {
    guard let old = databases[database].remove(key) else { return false }
    noteChange(of: key, in: database, from: old, to: nil, cause: cause)
    return true
  }

  /// Gives a key an expiry or takes it away.
  ///
  /// A time that is not in the future removes the key at once (`spec/04 §3.4`, EXPIRE).
  func setExpiry(_ expiry: Int64?, of key: ByteString, entry: KeyEntry, in database: Int) {
    if let expiry, expiry <= now {
      remove(key, in: database)
    } else {
      store(KeyEntry(value: entry.value, expiry: expiry), at: key, in: database)
    }
  }

  private func noteChange(
    of key: ByteString, in database: Int, from old: KeyEntry?, to new: KeyEntry?, cause: KeyChange.Cause
  ) {
    pressure?.changed(key, in: database, from: old, to: new)
    if cause != .lost { journal.note(database: database, key: key, previous: old, time: now) }
    if !databases[database].watchers.isEmpty { touch(key, in: database, isGone: new == nil) }
    note(.keyChanged(KeyChange(database: database, key: key, old: old, new: new, cause: cause)))
  }

  /// Removes all keys of a database.
  func removeAll(in database: Int) {
    for (key, _) in databases[database].entries { remove(key, in: database) }
  }

  // MARK: Watches

  /// Spoils the transactions of those who watch a key.
  func touch(_ key: ByteString, in database: Int, isGone: Bool) {
    for id in databases[database].watchers[key] ?? [] {
      guard let connection = connections[id] else { continue }
      let watch = connection.watched.first { $0.database == database && $0.key == key }
      if isGone, watch?.wasExpired == true { continue }
      connection.hasConflict = true
    }
  }

  func watch(_ key: ByteString, by connection: RedisConnection) {
    let database = connection.database
    guard !connection.watched.contains(where: { $0.database == database && $0.key == key }) else { return }
    let wasExpired = databases[database][key].map { !isVisible($0) } ?? false
    connection.watched.append(WatchedKey(database: database, key: key, wasExpired: wasExpired))
    databases[database].watchers[key, default: []].append(connection.id)
  }

  func unwatchAll(_ connection: RedisConnection) {
    for watch in connection.watched {
      let remaining = databases[watch.database].watchers[watch.key]?.filter { $0 != connection.id } ?? []
      databases[watch.database].watchers[watch.key] = remaining.isEmpty ? nil : remaining
    }
    connection.watched = []
    connection.hasConflict = false
  }

  /// Whether a watched key has expired since it was watched.
  func hasExpiredWatch(_ connection: RedisConnection) -> Bool {
    connection.watched.contains { watch in
      guard !watch.wasExpired, let entry = databases[watch.database][watch.key] else { return false }
      return !isVisible(entry)
    }
  }

  // MARK: Active expiry, eviction, loss

  /// No key expires before this server time; nil when none has an expiry. Cheap and perhaps too early.
  package var earliestExpiry: Int64? {
    let earliest = databases.reduce(Int64.max) { min($0, $1.earliestExpiry) }
    return earliest == .max ? nil : earliest
  }

  /// Removes every key that has expired, as the server's own cycle does (`spec/04 §3.5`, active expiry).
  ///
  /// - Returns: the number of keys removed.
  @discardableResult
  package func collectExpired(now: Int64) -> Int {
    self.now = now
    var collected = 0
    for database in databases.indices where now > databases[database].earliestExpiry {
      for key in databases[database].expiredKeys(at: now) {
        remove(key, in: database, cause: .expired)
        collected += 1
      }
      databases[database].refreshEarliestExpiry()
    }
    journal.endWrite()
    return collected
  }

  /// Evicts a key, as memory pressure would; false when it is not there.
  @discardableResult
  package func evict(_ key: ByteString, database: Int, now: Int64) -> Bool {
    guard databases.indices.contains(database) else { return false }
    self.now = now
    defer { journal.endWrite() }
    return remove(key, in: database, cause: .evicted)
  }

  /// Undoes the last writes, as a fail-over to a replica that lacked them does.
  ///
  /// - Parameter count: number of writes; at most ``RedisConfiguration/rememberedWrites`` are known.
  /// - Returns: the number of writes undone.
  @discardableResult
  package func loseWrites(last count: Int, now: Int64) -> Int {
    lose(now: now) { age, _ in age <= Int64(count) }
  }

  /// Undoes the writes made after a time.
  ///
  /// - Returns: the number of writes undone.
  @discardableResult
  package func loseWrites(after time: Int64, now: Int64) -> Int {
    lose(now: now) { _, made in made > time }
  }

  private func lose(now: Int64, while isLost: (Int64, Int64) -> Bool) -> Int {
    self.now = now
    let before = journal.writes
    for record in journal.takeNewest(while: isLost) {
      if let previous = record.previous {
        store(previous, at: record.key, in: record.database, cause: .lost)
      } else {
        remove(record.key, in: record.database, cause: .lost)
      }
    }
    return Int(before - journal.writes)
  }

  // MARK: Observation

  /// The entry of a key as a client would find it, nil when it is missing or expired. Changes nothing.
  package func peek(_ key: ByteString, database: Int, now: Int64) -> KeyEntry? {
    guard databases.indices.contains(database), let entry = databases[database][key] else { return nil }
    return entry.expiry.map { now <= $0 } ?? true ? entry : nil
  }

  /// The keys of a database that match a pattern and have not expired, sorted. Changes nothing.
  package func keys(matching pattern: String, database: Int, now: Int64) -> [ByteString] {
    guard databases.indices.contains(database) else { return [] }
    let glob = Array(pattern.utf8)
    return databases[database].entries
      .filter { ($0.value.expiry.map { now <= $0 } ?? true) && GlobPattern.matches(glob, $0.key.bytes) }
      .map(\.key).sorted()
  }

  /// Number of keys in all databases, expired ones that were not collected included.
  package var keyCount: Int { databases.reduce(0) { $0 + $1.count } }

  /// All keys of all databases in the order of creation.
  var allEntries: [(database: Int, key: ByteString, entry: KeyEntry)] {
    databases.indices.flatMap { database in databases[database].entries.map { (database, $0.key, $0.value) } }
  }

  /// Takes over the keys of another engine, as a restart from a saved file does: values, and expiries as absolute times.
  package func load(from other: RedisEngine) {
    for (database, keyspace) in other.databases.enumerated() where databases.indices.contains(database) {
      for (key, entry) in keyspace.entries { databases[database].update(key, to: entry) }
    }
  }
}
