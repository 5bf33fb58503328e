/// Which call of the Engine API it is, without its arguments: what latencies, faults and counters go by.
package enum DockerCall: String, Sendable, Hashable, CaseIterable {
  case ping
  case version
  case info
  case events
  case containerCreate = "container-create"
  case containerStart = "container-start"
  case containerStop = "container-stop"
  case containerKill = "container-kill"
  case containerRestart = "container-restart"
  case containerPause = "container-pause"
  case containerUnpause = "container-unpause"
  case containerWait = "container-wait"
  case containerRename = "container-rename"
  case containerRemove = "container-remove"
  case containerInspect = "container-inspect"
  case containerList = "container-list"
  case imageInspect = "image-inspect"
  case imageList = "image-list"
  case imagePull = "image-pull"
  case networkCreate = "network-create"
  case networkInspect = "network-inspect"
  case networkList = "network-list"
  case networkRemove = "network-remove"
  case networkConnect = "network-connect"
  case networkDisconnect = "network-disconnect"
  case volumeCreate = "volume-create"
  case volumeInspect = "volume-inspect"
  case volumeList = "volume-list"
  case volumeRemove = "volume-remove"
  case serviceCreate = "service-create"
  case serviceInspect = "service-inspect"
  case serviceList = "service-list"
  case serviceUpdate = "service-update"
  case serviceRemove = "service-remove"
  case taskList = "task-list"

  /// Whether the call may change something.
  package var isWrite: Bool {
    switch self {
    case .containerCreate, .containerStart, .containerStop, .containerKill, .containerRestart, .containerPause,
      .containerUnpause, .containerRename, .containerRemove, .imagePull, .networkCreate, .networkRemove,
      .networkConnect, .networkDisconnect, .volumeCreate, .volumeRemove, .serviceCreate, .serviceUpdate,
      .serviceRemove:
      true
    case .ping, .version, .info, .events, .containerWait, .containerInspect, .containerList, .imageInspect, .imageList,
      .networkInspect, .networkList, .volumeInspect, .volumeList, .serviceInspect, .serviceList, .taskList:
      false
    }
  }

  /// Whether only a manager of a swarm answers it.
  package var needsSwarm: Bool {
    switch self {
    case .serviceCreate, .serviceInspect, .serviceList, .serviceUpdate, .serviceRemove, .taskList: true
    default: false
    }
  }
}

extension DockerRequest {
  /// Which call it is.
  package var call: DockerCall {
    switch operation {
    case .ping: .ping
    case .version: .version
    case .info: .info
    case .events: .events
    case .createContainer: .containerCreate
    case .startContainer: .containerStart
    case .stopContainer: .containerStop
    case .killContainer: .containerKill
    case .restartContainer: .containerRestart
    case .pauseContainer: .containerPause
    case .unpauseContainer: .containerUnpause
    case .waitContainer: .containerWait
    case .renameContainer: .containerRename
    case .removeContainer: .containerRemove
    case .inspectContainer: .containerInspect
    case .listContainers: .containerList
    case .inspectImage: .imageInspect
    case .listImages: .imageList
    case .pullImage: .imagePull
    case .createNetwork: .networkCreate
    case .inspectNetwork: .networkInspect
    case .listNetworks: .networkList
    case .removeNetwork: .networkRemove
    case .connectNetwork: .networkConnect
    case .disconnectNetwork: .networkDisconnect
    case .createVolume: .volumeCreate
    case .inspectVolume: .volumeInspect
    case .listVolumes: .volumeList
    case .removeVolume: .volumeRemove
    case .createService: .serviceCreate
    case .inspectService: .serviceInspect
    case .listServices: .serviceList
    case .updateService: .serviceUpdate
    case .removeService: .serviceRemove
    case .listTasks: .taskList
    }
  }
}
