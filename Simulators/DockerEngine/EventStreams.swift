import SimulationRuntime
import StreamSpaceProtocol

/// The readers of the event stream: `GET /events`.
struct EventStreams {
  private struct Stream {
    let socket: Socket
    let filters: DockerFilters
  }

  private var streams: [Stream] = []

  var isEmpty: Bool { streams.isEmpty }

  mutating func add(_ socket: Socket, _ filters: DockerFilters) {
    streams.append(Stream(socket: socket, filters: filters))
  }

  mutating func remove(_ connection: Int) { streams.removeAll { $0.socket.connection == connection } }

  mutating func send(_ event: DockerEvent) {
    streams.removeAll { !$0.socket.isOpen }
    for stream in streams where stream.filters.admit(event) {
      stream.socket.send(Frame(event, byteCount: event.estimatedByteCount))
    }
  }

  /// Ends all of them with RST.
  mutating func cutAll() {
    for stream in streams { stream.socket.reset() }
    streams = []
  }
}

extension DockerFilters {
  /// Whether a stream with these filters shows the event.
  package func admit(_ event: DockerEvent) -> Bool {
    func any(_ key: String, _ holds: (String) -> Bool) -> Bool {
      self[key].isEmpty || self[key].contains(where: holds)
    }
    func isActor(_ kind: DockerEvent.Kind, _ text: String) -> Bool {
      event.kind == kind && (event.actor == text || event.attributes["name"] == text || event.actor.hasPrefix(text))
    }
    return any("type") { event.kind.rawValue == $0 } && any("event") { event.action == $0 }
      && any("container") { isActor(.container, $0) } && any("network") { isActor(.network, $0) }
      && any("volume") { isActor(.volume, $0) } && any("service") { isActor(.service, $0) }
      && any("image") { isActor(.image, $0) || event.attributes["image"] == $0 } && matches(event.attributes)
  }
}

extension DockerEngine {
  func publish(_ kind: DockerEvent.Kind, _ action: String, actor: String, _ attributes: @autoclosure () -> Labels) {
    guard !streams.isEmpty, isUp else { return }
    streams.send(DockerEvent(kind, action, actor: actor, attributes: attributes(), time: time))
  }

  func publish(_ container: Container, _ action: String, _ more: (String, String)...) {
    guard !streams.isEmpty else { return }
    var attributes = container.specification.labels
    attributes["image"] = container.specification.image
    attributes["name"] = container.name
    for (key, value) in more { attributes[key] = value }
    publish(.container, action, actor: container.id, attributes)
  }

  func publish(_ network: EngineNetwork, _ action: String, container: Container? = nil) {
    guard !streams.isEmpty else { return }
    var attributes: Labels = ["name": network.name, "type": network.specification.driver]
    if let container { attributes["container"] = container.id }
    publish(.network, action, actor: network.id, attributes)
  }

  func publishMount(_ mount: HostConfig.Mount, of container: Container) {
    publish(
      .volume, "mount", actor: mount.volume,
      [
        "container": container.id, "destination": mount.target, "driver": "local", "propagation": "",
        "read/write": "true",
      ])
  }

  func publishUnmount(_ mount: HostConfig.Mount, of container: Container) {
    publish(.volume, "unmount", actor: mount.volume, ["container": container.id, "driver": "local"])
  }
}
