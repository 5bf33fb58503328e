/// What recent writes replaced, so that a fail-over can lose them (`spec/04 §3.8`).
///
/// A replica that takes over lacks the last writes its master acknowledged. The journal keeps the entries those writes
/// replaced; undoing them, newest first, gives the state of the replica.
struct WriteJournal {
  struct Record {
    let write: Int64
    let time: Int64
    let database: Int
    let key: ByteString
    let previous: KeyEntry?
  }

  /// Number of writes that can be undone.
  let capacity: Int
  /// Number of writes so far: commands that changed at least one key, a transaction or script counting as one.
  private(set) var writes: Int64 = 0

  private var records: [Record] = []
  private var start = 0
  private var isWriteOpen = false

  init(capacity: Int) { self.capacity = capacity }

  /// Ends the current write: the next record begins another.
  mutating func endWrite() {
    guard isWriteOpen else { return }
    isWriteOpen = false
    while start < records.count, records[start].write <= writes - Int64(capacity) { start += 1 }
    if start > 1_024, start > records.count / 2 {
      records.removeFirst(start)
      start = 0
    }
  }

  mutating func note(database: Int, key: ByteString, previous: KeyEntry?, time: Int64) {
    if !isWriteOpen {
      isWriteOpen = true
      writes += 1
    }
    guard capacity > 0 else { return }
    records.append(Record(write: writes, time: time, database: database, key: key, previous: previous))
  }

  /// Takes out the records of the newest writes, newest record first.
  ///
  /// - Parameter isLost: whether a write (counted from 1 = newest) made at a time is among the lost ones.
  mutating func takeNewest(while isLost: (_ age: Int64, _ time: Int64) -> Bool) -> [Record] {
    var taken: [Record] = []
    while records.count > start, let last = records.last, isLost(writes - last.write + 1, last.time) {
      taken.append(last)
      records.removeLast()
    }
    writes = taken.last.map { $0.write - 1 } ?? writes
    return taken
  }
}
