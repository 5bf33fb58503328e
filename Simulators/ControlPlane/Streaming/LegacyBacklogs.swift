import OrderedCollections
import StreamSpaceProtocol

/// What agents without the contract's frames sent before any viewer was there: their tunnel stands from the start of a
/// session on, and the desktop speaks first. At most 1 MiB a session; more than that ends the viewer that comes, for a
/// stream must have no hole.
struct LegacyBacklogs {
  private struct Backlog {
    var connection: Int
    var chunks: [VNCChunk] = []
    var byteCount = 0
  }

  private var backlogs: OrderedDictionary<String, Backlog> = [:]

  mutating func add(_ data: VNCData, of connection: AgentConnection) {
    let number = connection.identity.connection
    var backlog = backlogs[data.sessionID] ?? Backlog(connection: number)
    if backlog.connection != number { backlog = Backlog(connection: number) }
    guard let bytes = data.data.bytes, backlog.byteCount <= StreamTiming.legacyBuffer else { return }
    // The frame beyond the limit is kept: it shows the attachment that its buffer was full.
    backlog.chunks.append(data.data)
    backlog.byteCount += bytes.count
    backlogs[data.sessionID] = backlog
  }

  mutating func take(_ session: String, of connection: AgentConnection) -> [VNCChunk] {
    guard let backlog = backlogs.removeValue(forKey: session),
      backlog.connection == connection.identity.connection
    else { return [] }
    return backlog.chunks
  }

  mutating func forget(_ connection: Int) { backlogs.removeAll { $0.value.connection == connection } }
}
