/// The engine's answer.
package enum DockerResponse: Sendable {
  case ping(DockerPing)
  case version(DockerVersion)
  case info(DaemonInfo)
  /// 201 of a container.
  case containerCreated(id: String, warnings: [String])
  /// 204: done.
  case done
  /// 304: it already was so.
  case unchanged
  /// 200 of a wait.
  case exited(code: Int)
  case container(ContainerInspection)
  /// Newest first.
  case containers([ContainerSummary])
  case image(ImageInspection)
  case images([ImageInspection])
  /// 200 of a pull: the whole progress stream. The last line may hold an error.
  case pulled([PullProgress])
  /// 201 of a network.
  case networkCreated(id: String, warning: String)
  case network(NetworkInspection)
  case networks([NetworkInspection])
  /// 200 of a connect or disconnect.
  case networkChanged
  /// 201 of a create, 200 of an inspect.
  case volume(code: Int, VolumeInspection)
  case volumes([VolumeInspection])
  /// 201 of a service.
  case serviceCreated(id: String)
  case service(ServiceInspection)
  case services([ServiceInspection])
  /// 200 of an update.
  case serviceUpdated(warnings: [String])
  /// 200 of a removal of a service.
  case serviceRemoved
  case tasks([TaskInspection])
  case failure(DockerFailure)

  /// The HTTP status code.
  package var code: Int {
    switch self {
    case .containerCreated, .networkCreated, .serviceCreated: 201
    case .volume(let code, _): code
    case .done: 204
    case .unchanged: 304
    case .failure(let failure): failure.status
    case .ping, .version, .info, .exited, .container, .containers, .image, .images, .pulled, .network, .networks,
      .networkChanged, .volumes, .service, .services, .serviceUpdated, .serviceRemoved, .tasks:
      200
    }
  }

  /// About what the answer takes; serves bandwidth only.
  package var estimatedByteCount: Int {
    switch self {
    case .container: 4500
    case .containers(let all): 200 + 900 * all.count
    case .image: 1600
    case .images(let all): 200 + 400 * all.count
    case .network: 700
    case .networks(let all): 200 + 500 * all.count
    case .volumes(let all): 200 + 300 * all.count
    case .services(let all): 200 + 1200 * all.count
    case .service: 1400
    case .tasks(let all): 200 + 1200 * all.count
    case .info: 3500
    case .pulled(let lines): 200 + 80 * lines.count
    default: 300
    }
  }
}
