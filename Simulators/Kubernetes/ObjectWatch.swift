import SimulationRuntime
import StreamSpaceProtocol

/// One watch: every change that concerns it, in order, none missing, none twice, each 1..50 ms late (spec/04 §4.2).
final class ObjectWatch {
  /// A change on its way to the reader.
  private struct Delivery {
    let version: Int64
    let due: Instant
  }

  /// Changes that may wait for a reader; beyond that it loses its watch, not single events [M].
  static let longestLag = 1_000
  /// Between two bookmarks (spec/04 §4.2: about once a minute).
  static let bookmarkPeriod = TimeSpan.minutes(1)

  let request: KubernetesWatch
  /// Called once when the watch is over.
  var onEnd: (() -> Void)?

  private let socket: Socket
  private unowned let incarnation: Incarnation
  private let cluster: KubernetesCluster
  /// Everything up to this version was sent or does not concern this watch.
  private var position: Int64
  private var waiting: [Delivery] = []
  private var timer = EventToken.none
  private var lifeTimer = EventToken.none
  private var bookmarks: Ticker?
  private var isOver = false

  private static let delivery = EventLabel("kubernetes.watch.delivery")
  private static let bookmark = EventLabel("kubernetes.watch.bookmark")
  private static let timeout = EventLabel("kubernetes.watch.timeout")

  init(_ request: KubernetesWatch, _ socket: Socket, _ incarnation: Incarnation, _ cluster: KubernetesCluster) {
    self.request = request
    self.socket = socket
    self.incarnation = incarnation
    self.cluster = cluster
    position = request.resourceVersion
  }

  // MARK: Beginning and end

  func start() {
    socket.onClose = { [weak self] _ in self?.over() }
    socket.onWritable = { [weak self] in self?.deliverDue() }
    let life = request.timeoutSeconds.map(TimeSpan.seconds) ?? draw("kubernetes.watch-life", \.watchLife)
    lifeTimer = incarnation.after(life, Self.timeout) { [weak self] in self?.close() }
    if request.allowsBookmarks {
      bookmarks = incarnation.every(Self.bookmarkPeriod, Self.bookmark) { [weak self] in self?.sendBookmark() }
    }
    if request.resourceVersion == 0 { sendPresent() } else { sendPast() }
  }

  /// First ADDED for every object that exists.
  private func sendPresent() {
    for object in cluster.store.list(request.kind, namespace: request.namespace, request.selector)
    where request.fields.matches(object) { send(.added(object)) }
    position = cluster.store.version
    if request.sendsInitialEvents, request.allowsBookmarks {
      send(.bookmark(resourceVersion: position, endsInitialEvents: true))
    }
  }

  /// What happened since the version the reader knows is told at once.
  private func sendPast() {
    do throws(KubernetesFailure) {
      for change in try cluster.store.log.changes(after: position) where event(of: change) != nil {
        waiting.append(Delivery(version: change.version, due: cluster.now))
      }
      deliverDue()
    } catch { expire(error) }
  }

  /// The history that the reader needs is no longer kept: it must list again.
  private func expire(_ failure: KubernetesFailure) {
    cluster.lastCompaction?.touch(at: cluster.now)
    send(.error(failure))
    close()
  }

  /// The server ends the watch in good order: the reader goes on from the last version it saw.
  private func close() {
    socket.close()
    over()
  }

  func cut() {
    socket.reset()
    over()
  }

  private func over() {
    guard !isOver else { return }
    isOver = true
    incarnation.cancel(timer)
    incarnation.cancel(lifeTimer)
    bookmarks?.stop()
    waiting.removeAll()
    onEnd?()
  }

  // MARK: Changes

  func changed(_ change: ObjectChange) {
    guard event(of: change) != nil else {
      // What does not concern this watch must not hold up its place in the history.
      if waiting.isEmpty { position = change.version }
      return
    }
    guard waiting.count < Self.longestLag else { return close() }
    let due = change.time + draw("kubernetes.watch-delivery", \.watchDelivery)
    // One that is due before an earlier one waits for it: the queue is served from its head.
    waiting.append(Delivery(version: change.version, due: due))
    if waiting.count == 1 { arm() }
  }

  private func arm() {
    guard let next = waiting.first else { return }
    incarnation.cancel(timer)
    timer = cluster.simulation.schedule(after: next.due - cluster.now, for: incarnation, Self.delivery) {
      [weak self] in self?.deliverDue()
    }
  }

  /// Sends what is due; stops while the reader's window is full or the server is down.
  func deliverDue() {
    while !isOver, let next = waiting.first {
      guard next.due <= cluster.now else { return arm() }
      guard socket.isWritable, !isHeldUp else { return }
      waiting.removeFirst()
      do throws(KubernetesFailure) {
        try deliver(upTo: next.version)
      } catch { return expire(error) }
    }
    if !isOver { position = cluster.store.version }
  }

  private func deliver(upTo version: Int64) throws(KubernetesFailure) {
    for change in try cluster.store.log.changes(after: position) {
      guard change.version <= version else { break }
      if let event = event(of: change) { send(event) }
    }
    position = version
  }

  /// What a change means for this watch; nil if nothing.
  private func event(of change: ObjectChange) -> WatchEvent? {
    guard change.object.kind == request.kind else { return nil }
    let before = change.previous.map(request.covers) ?? false
    let after = change.kind != .deleted && request.covers(change.object)
    switch (before, after) {
    case (false, false): return nil
    case (false, true): return .added(change.object)
    case (true, true): return .modified(change.object)
    case (true, false):
      guard change.kind != .deleted, var last = change.previous else { return .deleted(change.object) }
      // It lives on, but not for this watch: the state it was known by.
      last.metadata.resourceVersion = change.version
      return .deleted(last)
    }
  }

  // MARK: Sending

  private var isHeldUp: Bool {
    guard !cluster.faults.isEmpty else { return false }
    let down: Bool? = cluster.faults.first { if case .down = $0 { true } else { nil } }
    return down != nil
  }

  private func sendBookmark() {
    guard socket.isWritable, !isHeldUp else { return }
    send(.bookmark(resourceVersion: position, endsInitialEvents: false))
  }

  private func send(_ event: WatchEvent) {
    socket.send(Frame(event, byteCount: event.estimatedByteCount))
  }

  private func draw(_ stream: String, _ model: KeyPath<KubernetesLatencies, LatencyModel>) -> TimeSpan {
    // The streams are made at first use: a run without watches has the decisions it had before there were any.
    cluster.simulation.decisions.draw(
      cluster.simulation.decisions.stream(stream), cluster.behaviour.latencies[keyPath: model])
  }
}
