import Kubernetes
import SimulationRuntime
import StreamSpaceProtocol

/// A reader that lists and then watches, as client-go's informers do: it goes on from the last version it saw, and
/// lists again when that is refused.
final class Informer {
  /// One stretch from a list to the next: what the list held, and every change told since.
  struct Stretch {
    let listVersion: Int64
    let listed: [KubernetesObject]
    var events: [WatchEvent] = []
  }

  let selector: LabelSelector
  let fields: FieldSelector
  private let kind: KubernetesKind
  private(set) var cache: [ObjectReference: KubernetesObject] = [:]
  private(set) var stretches: [Stretch] = []
  /// How often the history was gone.
  private(set) var expired = 0
  /// How often a watch was opened.
  private(set) var watches = 0
  /// A version was told that is not newer than the one before.
  private(set) var wentBack = false
  private var version: Int64 = 0
  private unowned let rig: ClusterRig

  private static let retry = EventLabel("test.informer.retry")

  init(
    _ rig: ClusterRig, _ kind: KubernetesKind, _ selector: LabelSelector = .everything,
    fields: FieldSelector = .everything
  ) {
    self.rig = rig
    self.kind = kind
    self.selector = selector
    self.fields = fields
    list()
  }

  /// What it knows, ordered by name.
  var known: [KubernetesObject] {
    cache.values.sorted { ($0.metadata.namespace, $0.metadata.name) < ($1.metadata.namespace, $1.metadata.name) }
  }

  private func later(_ action: @escaping (Informer) -> Void) {
    rig.callerIncarnation?.after(.milliseconds(300), Self.retry) { [weak self] in self.map(action) }
  }

  private func list() {
    rig.send(.list(kind, namespace: Fixture.namespace, selector, fields)) { [weak self] outcome in
      guard let self else { return }
      guard case .reply(let payload) = outcome,
        case .list(let objects, let version)? = (payload as? Frame<KubernetesResponse>)?.value
      else { return later { $0.list() } }
      cache = [:]
      for object in objects { cache[object.reference] = object }
      self.version = version
      stretches.append(Stretch(listVersion: version, listed: objects))
      watch()
    }
  }

  private func watch() {
    guard let incarnation = rig.callerIncarnation else { return }
    watches += 1
    let watch = KubernetesWatch(
      kind, namespace: Fixture.namespace, selector, fields: fields, after: version, allowsBookmarks: true,
      caller: "informer")
    rig.simulation.network.open(
      from: incarnation, to: Endpoint(host: KubernetesAPI.host, port: KubernetesAPI.port),
      hello: Frame(watch, byteCount: watch.estimatedByteCount), timeout: .seconds(10)
    ) { [weak self] outcome in
      guard let self else { return }
      guard case .connected(let socket) = outcome else { return later { $0.watch() } }
      socket.onReceive = { [weak self] payload in
        if let event = (payload as? Frame<WatchEvent>)?.value { self?.take(event) }
      }
      socket.onClose = { [weak self] _ in
        self?.later { $0.mustList ? $0.listAgain() : $0.watch() }
      }
    }
  }

  private var mustList = false

  private func listAgain() {
    mustList = false
    list()
  }

  private func take(_ event: WatchEvent) {
    if case .error(let failure) = event {
      if failure.reason == .expired {
        expired += 1
        mustList = true
      }
      return
    }
    guard let next = event.resourceVersion else { return }
    if case .bookmark = event {
      if next < version { wentBack = true }
    } else {
      if next <= version { wentBack = true }
      stretches[stretches.count - 1].events.append(event)
    }
    version = next
    switch event {
    case .added(let object), .modified(let object): cache[object.reference] = object
    case .deleted(let object): cache[object.reference] = nil
    case .bookmark, .error: break
    }
  }
}
