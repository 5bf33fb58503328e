import DockerEngine
import SimulationRuntime
import SocketBridges
import StreamSpaceProtocol

/// `GET /events` of one client: remembered events, then those that come, as JSON lines. A client that does not read
/// loses events instead of holding up anybody.
final class DockerEventFeed {
  /// What part of the stream is wanted.
  struct Span {
    /// In nanoseconds since 1970.
    var since: Int64?
    var until: Int64?

    init(_ query: HTTPQuery) throws(DockerFailure) {
      since = try Self.nanoseconds(query["since"])
      until = try Self.nanoseconds(query["until"])
      if let since, let until, until < since {
        throw DockerFailure(
          400,
          "`since` time (\(query["since"] ?? "")) cannot be after `until` time (\(query["until"] ?? ""))")
      }
    }

    /// Whether events that are over are wanted too.
    var looksBack: Bool { since != nil || until != nil }

    func holds(_ event: DockerEvent) -> Bool {
      let time = event.time.nanosecondsSince1970
      return time >= (since ?? .min) && time <= (until ?? .max)
    }

    /// Reads `seconds` and `seconds.fraction`; nil for none.
    private static func nanoseconds(_ text: String?) throws(DockerFailure) -> Int64? {
      guard let text, !text.isEmpty else { return nil }
      let parts = text.split(separator: ".", maxSplits: 1, omittingEmptySubsequences: false)
      guard let seconds = Int64(parts[0]), seconds.magnitude < 9_000_000_000 else { throw unreadable(String(parts[0])) }
      guard parts.count == 2 else { return seconds * 1_000_000_000 }
      let digits = parts[1].prefix(9)
      guard let fraction = Int64(digits + String(repeating: "0", count: 9 - digits.count)), fraction >= 0 else {
        throw unreadable(String(parts[1]))
      }
      return seconds * 1_000_000_000 + fraction
    }

    private static func unreadable(_ text: String) -> DockerFailure {
      DockerFailure(500, "strconv.ParseInt: parsing \"\(text)\": invalid syntax")
    }
  }

  private let sink: any ByteSink
  private let filters: DockerFilters
  private let span: Span
  private let hub: DockerEventHub
  private var listener: DockerEventHub.Listener?
  private var unsent: [DockerEvent] = []
  private var isOver = false

  /// How many events wait for a client that does not read; the daemon has as many.
  static let longestQueue = 1024
  private static let end = EventLabel("docker.gateway.events-end")

  /// Begins to send at once. `now` is the engine's clock, in nanoseconds since 1970.
  init(
    _ sink: any ByteSink, _ filters: DockerFilters, _ span: Span, from hub: DockerEventHub, now: Int64,
    in incarnation: Incarnation
  ) {
    self.sink = sink
    self.filters = filters
    self.span = span
    self.hub = hub
    if span.looksBack {
      for event in hub.history where span.holds(event) { send(event) }
    }
    if let until = span.until, until <= now {
      finish()
      return
    }
    listener = hub.listen(
      onEvent: { [self] event in if span.holds(event) { send(event) } }, onCut: { [self] in cut() })
    sink.onWritable = { [self] in flush() }
    sink.onClose = { [self] in stop() }
    guard let until = span.until else { return }
    _ = incarnation.after(.nanoseconds(until - now), Self.end) { [weak self] in self?.finish() }
  }

  private func send(_ event: DockerEvent) {
    guard !isOver, filters.admit(event), unsent.count < Self.longestQueue else { return }
    unsent.append(event)
    flush()
  }

  private func flush() {
    var sent = 0
    while sent < unsent.count, sink.isWritable {
      sink.send(Self.line(unsent[sent]))
      sent += 1
    }
    unsent.removeFirst(sent)
  }

  private func finish() {
    guard !isOver else { return }
    stop()
    for event in unsent { sink.send(Self.line(event)) }
    unsent = []
    sink.finish()
  }

  private func cut() {
    guard !isOver else { return }
    stop()
    sink.abort()
  }

  private func stop() {
    isOver = true
    if let listener { hub.remove(listener) }
    listener = nil
    // They hold this feed.
    sink.onWritable = nil
    sink.onClose = nil
  }

  /// The line of an event: with the members of the API before 1.22 that the daemon still sends.
  static func line(_ event: DockerEvent) -> [UInt8] {
    var document = JSONObject(reserving: 9)
    if event.kind == .container || event.kind == .image {
      document.add("status", event.action)
      document.add("id", event.actor)
      if event.kind == .container { document.addIfPresent("from", event.attributes["image"]) }
    }
    for member in event.json.members?.members ?? [] { document.add(member.key, member.value) }
    return JSONWriter.bytes(of: .object(document)) + [0x0a]
  }
}
