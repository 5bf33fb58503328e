import SimulationRuntime
import StreamSpaceProtocol

/// The watches of one life of the API server (spec/04 §4.2). Without watches a change costs one look at an empty list.
final class WatchDesk {
  /// A desk that goes with its server.
  struct Reference {
    weak var value: WatchDesk?

    init(_ value: WatchDesk) { self.value = value }
  }

  private unowned let incarnation: Incarnation
  private let cluster: KubernetesCluster
  private var watches: [ObjectWatch] = []

  init(_ incarnation: Incarnation, cluster: KubernetesCluster) {
    self.incarnation = incarnation
    self.cluster = cluster
  }

  /// Answers a watch: with a stream, or with why there is none.
  func open(_ call: IncomingCall, _ request: KubernetesWatch) {
    let current = cluster.store.version
    guard request.fields.isSupported(by: request.kind) else {
      return refuse(call, .unsupportedFields(request.fields))
    }
    guard request.resourceVersion <= current else {
      return refuse(call, .versionAhead(request.resourceVersion, current: current))
    }
    let gap: Bool? = cluster.faults.first { if case .watchGap = $0 { true } else { nil } }
    guard gap == nil else { return call.drop() }
    guard let socket = call.accept() else { return }
    let watch = ObjectWatch(request, socket, incarnation, cluster)
    watch.onEnd = { [weak self, unowned watch] in self?.watches.removeAll { $0 === watch } }
    watches.append(watch)
    watch.start()
  }

  private func refuse(_ call: IncomingCall, _ failure: KubernetesFailure) {
    let response = KubernetesResponse.failure(failure)
    call.reply(Frame(response, byteCount: response.estimatedByteCount))
  }

  func changed(_ change: ObjectChange) {
    // A watch that falls behind ends at this and leaves the list: go through a copy.
    for watch in watches { watch.changed(change) }
  }

  /// Breaks every watch.
  func cut(by record: FaultRecord) {
    for watch in watches {
      record.touch(at: incarnation.simulation.now)
      watch.cut()
    }
  }

  /// Goes on after an outage.
  func resume() {
    for watch in watches { watch.deliverDue() }
  }
}
