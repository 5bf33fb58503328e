import OrderedCollections
import SimulationRuntime
import StreamSpaceProtocol

/// Writes `active_connections` of the sessions whose agents this replica holds. Each session has at most one write under
/// way, and what is written last is how it stands; a database that is away is asked again.
final class ViewerCounts {
  private struct Entry {
    var connection: AgentConnectionIdentity
    var isAttached: Bool
    var isWriting = false
    /// How it stood when the write under way began.
    var written = false
  }

  /// Between two tries of a write.
  private static let pause = TimeSpan.seconds(1)
  /// How long a stop waits for the last writes.
  private static let patience = TimeSpan.seconds(5)
  private static let again = EventLabel("controlplane.viewers.retry")
  private static let limit = EventLabel("controlplane.viewers.settle")

  private unowned let replica: Replica
  private let policies: StreamingPolicies
  private var entries: OrderedDictionary<String, Entry> = [:]
  private var onSettled: (() -> Void)?

  init(_ replica: Replica) {
    self.replica = replica
    policies = replica.behaviour.streaming
  }

  /// Whether all is written.
  var isSettled: Bool { entries.isEmpty }

  func ready(_ attachment: Attachment) {
    if policies.count == .incremented {
      return replica.database.execute(StreamingStatements.increment, [.text(attachment.session)]) { _ in }
    }
    set(attachment, isAttached: true)
  }

  func ended(_ attachment: Attachment) {
    if policies.count == .incremented {
      return replica.database.execute(StreamingStatements.decrement, [.text(attachment.session)]) { _ in }
    }
    set(attachment, isAttached: false)
  }

  /// Calls `done` when all is written, or after 5 s.
  func settle(_ done: @escaping () -> Void) {
    guard !isSettled else { return done() }
    let timer = replica.incarnation.after(Self.patience, Self.limit) { [weak self] in self?.settled() }
    onSettled = { [unowned replica] in
      replica.incarnation.cancel(timer)
      done()
    }
  }

  private func settled() {
    let done = onSettled
    onSettled = nil
    done?()
  }

  private func set(_ attachment: Attachment, isAttached: Bool) {
    let identity = attachment.connection.identity
    var entry = entries[attachment.session] ?? Entry(connection: identity, isAttached: isAttached)
    entry.connection = identity
    entry.isAttached = isAttached
    entries[attachment.session] = entry
    write(attachment.session)
  }

  private func write(_ session: String) {
    guard var entry = entries[session], !entry.isWriting else { return }
    entry.isWriting = true
    entry.written = entry.isAttached
    entries[session] = entry
    let attached =
      policies.activity == .written ? StreamingStatements.attached : StreamingStatements.attachedQuietly
    let statement = entry.isAttached ? attached : StreamingStatements.detached
    let owner = entry.connection
    let keys: [SQLValue] = [.text(session), .text(owner.replica), .integer(owner.epoch)]
    replica.database.execute(statement, keys) { [weak self] in self?.wrote(session, $0, owner) }
  }

  private func wrote(_ session: String, _ result: Result<SQLResult, DatabaseError>, _ owner: AgentConnectionIdentity) {
    guard var entry = entries[session] else { return }
    if case .failure(let error) = result, error.isPassing {
      replica.incarnation.after(Self.pause, Self.again) { [weak self] in
        self?.entries[session]?.isWriting = false
        self?.write(session)
      }
      return
    }
    entry.isWriting = false
    if entry.written == entry.isAttached, entry.connection == owner {
      entries.removeValue(forKey: session)
      if isSettled { settled() }
    } else {
      entries[session] = entry
      write(session)
    }
  }
}
