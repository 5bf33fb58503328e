import SimulationRuntime
import StreamSpaceProtocol

/// One change of the store.
package struct ObjectChange: Sendable, Equatable {
  /// What happened to the object; the words of a watch.
  package enum Kind: String, Sendable, Hashable {
    case added = "ADDED"
    case modified = "MODIFIED"
    case deleted = "DELETED"
  }

  package var version: Int64
  package var time: Instant
  package var kind: Kind
  /// The object after the change; for a deletion its last state.
  package var object: KubernetesObject
}

/// The kept history of a store: what a watch can start from.
package struct ChangeLog {
  /// How long changes are kept: etcd's compaction (spec/04 §4.2).
  package static let window = TimeSpan.minutes(5)
  /// How many are kept at most (spec/06 §10.4).
  package static let limit = 10_000

  private let limit: Int
  private let window: TimeSpan
  private var changes: [ObjectChange] = []
  private var first = 0

  package init(limit: Int = ChangeLog.limit, window: TimeSpan = ChangeLog.window) {
    self.limit = limit
    self.window = window
  }

  package var count: Int { changes.count - first }

  /// The kept changes, oldest first.
  package var kept: ArraySlice<ObjectChange> { changes[first...] }

  /// Every change after `version`, in order; 410 if some of them are no longer kept.
  package func changes(after version: Int64) throws(KubernetesFailure) -> ArraySlice<ObjectChange> {
    guard let oldest = kept.first?.version else { return [] }
    guard version >= oldest - 1 else { throw .expired(version, oldest: oldest - 1) }
    let place = kept.firstIndex { $0.version > version } ?? changes.endIndex
    return changes[place...]
  }

  mutating func append(_ change: ObjectChange) {
    changes.append(change)
    while count > limit || (count > 1 && change.time - changes[first].time > window) { first += 1 }
    // Amortised O(1): what was forgotten is given back when it is half of the array.
    guard first > 64, first * 2 > changes.count else { return }
    changes.removeFirst(first)
    first = 0
  }
}
