import StreamSpaceProtocol

/// What every back end stores: {holder, term, counter} of C29, as one line of text.
package struct LockRecord: Sendable, Hashable {
  /// In whose name the record stands.
  package enum Holder: Sendable, Hashable {
    /// This instance leads, or led until it died.
    case replica(String)
    /// The last leader gave the lock up: it is free at once.
    case released
    /// There was no record: a candidate wrote this one to see whether a leader comes back.
    case unknown
  }

  package var holder: Holder
  /// Grows with every new holder.
  package var term: Int64
  /// Begins at a random number and grows with every renewal, so that no two records are alike, also after all were lost.
  package var counter: Int64
  /// Calendar time of the writer. For people: under the contract nobody judges by it (C-02).
  package var writtenAt: Timestamp

  private static let releasedMark = "-"
  private static let unknownMark = "?"

  /// `holder term counter time`.
  package var text: String {
    let name =
      switch holder {
      case .replica(let name): name
      case .released: Self.releasedMark
      case .unknown: Self.unknownMark
      }
    return "\(name) \(term) \(counter) \(writtenAt.rfc3339)"
  }

  package init(holder: Holder, term: Int64, counter: Int64, writtenAt: Timestamp) {
    self.holder = holder
    self.term = term
    self.counter = counter
    self.writtenAt = writtenAt
  }
}

extension LockRecord {
  /// Reads a line; nil when it is no record (empty after a crash between creating and writing, or by another hand).
  package init?(text: String) {
    let words = text.utf8.split(separator: UInt8(ascii: " ")).map { Substring($0) }
    guard words.count == 4, let term = Int64(words[1]), let counter = Int64(words[2]), term >= 0,
      let writtenAt = Timestamp(rfc3339: String(words[3]))
    else { return nil }
    let holder: Holder =
      switch String(words[0]) {
      case Self.releasedMark: .released
      case Self.unknownMark: .unknown
      case let name: .replica(name)
      }
    self.init(holder: holder, term: term, counter: counter, writtenAt: writtenAt)
  }
}
