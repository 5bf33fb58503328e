import SimulationRuntime
import StreamSpaceProtocol

/// One change of the store. Shared by the log and everybody who watches it: two whole objects are too much to copy.
package final class ObjectChange: Sendable {
  /// What happened to the object; the words of a watch.
  package enum Kind: String, Sendable, Hashable {
    case added = "ADDED"
    case modified = "MODIFIED"
    case deleted = "DELETED"
  }

  package let version: Int64
  package let time: Instant
  package let kind: Kind
  /// The object after the change; for a deletion its last state, with the version of the deletion.
  package let object: KubernetesObject
  /// The object before the change; nil for an addition.
  package let previous: KubernetesObject?
  /// Who made the change.
  package let writer: KubernetesEvent.Writer
  /// Why, in a few words, where the cluster itself made the change; else empty.
  package let cause: String

  init(
    version: Int64, time: Instant, kind: Kind, object: KubernetesObject, previous: KubernetesObject?,
    writer: KubernetesEvent.Writer, cause: String
  ) {
    self.version = version
    self.time = time
    self.kind = kind
    self.object = object
    self.previous = previous
    self.writer = writer
    self.cause = cause
  }
}

/// The kept history of a store: what a watch can start from and a stale read can go back to.
package struct ChangeLog {
  /// How long changes are kept: etcd's compaction (spec/04 §4.2).
  package static let window = TimeSpan.minutes(5)
  /// How many are kept at most (spec/06 §10.4).
  package static let limit = 10_000

  private let limit: Int
  private let window: TimeSpan
  private var changes: [ObjectChange] = []
  private var first = 0
  /// Version of the newest change that is no longer kept; 0 while all are.
  package private(set) var compacted: Int64 = 0

  package init(limit: Int = ChangeLog.limit, window: TimeSpan = ChangeLog.window) {
    self.limit = limit
    self.window = window
  }

  package var count: Int { changes.count - first }

  /// The kept changes, oldest first.
  package var kept: ArraySlice<ObjectChange> { changes[first...] }

  /// Every change after `version`, in order; 410 if some of them are no longer kept. O(1).
  package func changes(after version: Int64) throws(KubernetesFailure) -> ArraySlice<ObjectChange> {
    guard version >= compacted else { throw .expired(version, oldest: compacted) }
    // Versions have no gaps: every change took the next one.
    return changes[min(first + Int(version - compacted), changes.endIndex)...]
  }

  /// The version that was the newest at `time`; the oldest that can be told if that is no longer known. O(log n).
  package func version(at time: Instant) -> Int64 {
    var (low, high) = (first, changes.endIndex)
    while low < high {
      let middle = (low + high) / 2
      if changes[middle].time <= time { low = middle + 1 } else { high = middle }
    }
    return compacted + Int64(low - first)
  }

  /// Forgets every change up to `version`.
  mutating func compact(upTo version: Int64) {
    guard version > compacted else { return }
    first = min(first + Int(version - compacted), changes.endIndex)
    compacted = version
    giveBack()
  }

  mutating func append(_ change: ObjectChange) {
    changes.append(change)
    while count > limit || (count > 1 && change.time - changes[first].time > window) {
      compacted = changes[first].version
      first += 1
    }
    giveBack()
  }

  /// Amortised O(1): what was forgotten is given back when it is half of the array.
  private mutating func giveBack() {
    guard first > 64, first * 2 > changes.count else { return }
    changes.removeFirst(first)
    first = 0
  }
}
