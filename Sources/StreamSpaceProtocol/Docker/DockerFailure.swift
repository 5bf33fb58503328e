/// An answer that says no: status code and `{"message":..}` (spec/04 §4.5).
package struct DockerFailure: Error, Sendable, Hashable {
  package var status: Int
  package var message: String

  package init(_ status: Int, _ message: String) {
    self.status = status
    self.message = message
  }

  /// What Docker's client library makes of it.
  package var clientText: String { "Error response from daemon: \(message)" }

  package var isNotFound: Bool { status == 404 }
  package var isConflict: Bool { status == 409 }
  /// Whether the same request may succeed later without a change: 500 and 503, and 429.
  package var isTransient: Bool { status == 429 || status >= 500 }
}

// MARK: Paths and versions

extension DockerFailure {
  /// Unknown path or method.
  package static let pageNotFound = DockerFailure(404, "page not found")

  package static func versionTooNew(_ version: DockerAPIVersion) -> DockerFailure {
    DockerFailure(
      400,
      "client version \(version.text) is too new. Maximum supported API version is \(DockerAPIVersion.engine.text)")
  }

  package static func versionTooOld(_ version: DockerAPIVersion) -> DockerFailure {
    DockerFailure(
      400,
      "client version \(version.text) is too old. Minimum supported API version is \(DockerAPIVersion.oldest.text), "
        + "please upgrade your client to a newer version")
  }

  /// A body that is no JSON, and an empty one. Newer engines answer 400.
  package static let brokenBody = DockerFailure(500, "unexpected EOF")
  package static let emptyBody = DockerFailure(500, "EOF")
  /// Filters that are no JSON.
  package static let brokenFilters = DockerFailure(500, "unexpected end of JSON input")

  /// A filter the list does not know.
  package static func invalidFilter(_ key: String) -> DockerFailure { DockerFailure(400, "Invalid filter '\(key)'") }
}

// MARK: Containers

extension DockerFailure {
  package static func noSuchContainer(_ name: String) -> DockerFailure {
    DockerFailure(404, "No such container: \(name)")
  }

  package static func nameInUse(_ name: String, by id: String) -> DockerFailure {
    DockerFailure(
      409,
      "Conflict. The container name \"/\(name)\" is already in use by container \"\(id)\". You have to remove (or "
        + "rename) that container to be able to reuse that name.")
  }

  package static func invalidName(_ name: String) -> DockerFailure {
    DockerFailure(400, "Invalid container name (\(name)), only [a-zA-Z0-9][a-zA-Z0-9_.-] are allowed")
  }

  /// A rename to a name that is taken.
  package static func newNameInUse(_ name: String, by id: String) -> DockerFailure {
    DockerFailure(409, "Error when allocating new name: \(nameInUse(name, by: id).message)")
  }

  package static let emptyNewName = DockerFailure(400, "Neither old nor new names may be empty")
  package static let noCommand = DockerFailure(400, "No command specified")
  package static let configEmpty = DockerFailure(400, "Config cannot be empty in order to create a container")
  /// Memory limit under 6 MB.
  package static let memoryTooSmall = DockerFailure(400, "Minimum memory limit allowed is 6MB")

  /// NanoCPUs below 0 or above the processors of the host.
  package static func processorsOutOfRange(_ processors: Int) -> DockerFailure {
    DockerFailure(
      400,
      "Range of CPUs is from 0.01 to \(processors).00, as there are only \(processors) CPUs available")
  }

  package static func commandNotFound(_ command: String) -> DockerFailure {
    DockerFailure(
      400,
      "failed to create shim task: OCI runtime create failed: runc create failed: unable to start container process: "
        + "exec: \"\(command)\": executable file not found in $PATH: unknown")
  }

  /// A kill that did not come to pass.
  package static func cannotKill(_ name: String, _ cause: DockerFailure) -> DockerFailure {
    DockerFailure(cause.status, "Cannot kill container: \(name): \(cause.message)")
  }

  package static func notRunning(kill name: String, id: String) -> DockerFailure {
    cannotKill(name, notRunning(id))
  }

  package static func notRunning(_ id: String) -> DockerFailure {
    DockerFailure(409, "Container \(id) is not running")
  }

  package static func alreadyPaused(_ id: String) -> DockerFailure {
    DockerFailure(409, "Container \(id) is already paused")
  }

  package static func notPaused(_ id: String) -> DockerFailure {
    DockerFailure(500, "Container \(id) is not paused")
  }

  package static func isRestarting(_ id: String) -> DockerFailure {
    DockerFailure(409, "Container \(id) is restarting, wait until the container is running")
  }

  package static let cannotStartPaused = DockerFailure(409, "cannot start a paused container, try unpause instead")

  package static func removeRunning(_ id: String) -> DockerFailure {
    DockerFailure(
      409,
      "You cannot remove a running container \(id). Stop the container before attempting removal or force remove")
  }

  package static func removeRestarting(_ id: String) -> DockerFailure {
    DockerFailure(
      409,
      "You cannot remove a restarting container \(id). Stop the container before attempting removal or force remove")
  }

  package static func removePaused(_ id: String) -> DockerFailure {
    DockerFailure(
      409,
      "You cannot remove a paused container \(id). Unpause and then stop the container before attempting removal or force "
        + "remove")
  }

  package static func invalidSignal(_ signal: String) -> DockerFailure {
    DockerFailure(400, "Invalid signal: \(signal)")
  }

  package static func removalInProgress(_ name: String) -> DockerFailure {
    DockerFailure(409, "removal of container \(name) is already in progress")
  }

  package static let startRemoving = DockerFailure(409, "container is marked for removal and cannot be started")

  /// A start of an id that several containers begin with.
  package static func ambiguousPrefix(_ prefix: String) -> DockerFailure {
    DockerFailure(500, "Multiple IDs found with provided prefix: \(prefix)")
  }

  package static func relativeMount(_ target: String) -> DockerFailure {
    DockerFailure(
      400,
      "invalid mount config for type \"volume\": invalid mount path: '\(target)' mount path must be absolute")
  }

  /// A host port another container has.
  package static func portInUse(container name: String, endpoint id: String, address: String, port: Int)
    -> DockerFailure
  {
    DockerFailure(
      500,
      "driver failed programming external connectivity on endpoint \(name) (\(id)): Bind for \(address):\(port) failed: "
        + "port is already allocated")
  }

  /// A host port that something else on the machine has.
  package static func portInUseOutside(container name: String, endpoint id: String, address: String, port: Int)
    -> DockerFailure
  {
    DockerFailure(
      500,
      "driver failed programming external connectivity on endpoint \(name) (\(id)): Error starting userland proxy: listen "
        + "tcp4 \(address):\(port): bind: address already in use")
  }

  /// No host port of the range is free.
  package static func portsExhausted(container name: String, endpoint id: String) -> DockerFailure {
    DockerFailure(
      500,
      "driver failed programming external connectivity on endpoint \(name) (\(id)): all ports are allocated")
  }

  /// The fault `disk full on create` (spec/04 §4.6).
  package static let noSpaceLeft = DockerFailure(500, "write /var/lib/docker/tmp: no space left on device")
}

// MARK: Images

extension DockerFailure {
  /// A create from an image that is not there.
  package static func noSuchImage(_ reference: String) -> DockerFailure {
    DockerFailure(404, "No such image: \(reference)")
  }

  /// An inspect of an image that is not there.
  package static func noSuchImage(inspecting reference: String) -> DockerFailure {
    DockerFailure(404, "no such image: \(reference): No such image: \(ImageReference(reference).text)")
  }

  /// A pull of an image that the registry does not have.
  package static func pullDenied(_ name: String) -> DockerFailure {
    DockerFailure(
      404,
      "pull access denied for \(name), repository does not exist or may require 'docker login': denied: requested access "
        + "to the resource is denied")
  }

  /// A pull when the registry does not answer.
  package static let registryUnreachable = DockerFailure(
    500,
    "Get \"https://registry-1.docker.io/v2/\": net/http: request canceled while waiting for connection (Client.Timeout "
      + "exceeded while awaiting headers)")
}

// MARK: Networks and volumes

extension DockerFailure {
  package static func noSuchNetwork(_ name: String) -> DockerFailure { DockerFailure(404, "network \(name) not found") }

  package static func networkExists(_ name: String) -> DockerFailure {
    DockerFailure(409, "network with name \(name) already exists")
  }

  /// Several networks of one name.
  package static func ambiguousNetwork(_ name: String, count: Int, asked: NetworkQuestion) -> DockerFailure {
    switch asked {
    case .inspect: DockerFailure(400, "\(count) matches found based on name: network \(name) is ambiguous")
    case .attach: DockerFailure(400, "network \(name) is ambiguous (\(count) matches found on name)")
    case .remove: DockerFailure(400, "network \(name) is ambiguous (\(count) matches found based on name)")
    }
  }

  /// Where the name of a network was asked: the engine words its refusal of an ambiguous one in three ways.
  package enum NetworkQuestion: Sendable {
    case inspect, attach, remove
  }

  package static func predefinedNetwork(_ name: String) -> DockerFailure {
    DockerFailure(403, "\(name) is a pre-defined network and cannot be removed")
  }

  package static func endpointExists(container: String, network: String) -> DockerFailure {
    DockerFailure(403, "endpoint with name \(container) already exists in network \(network)")
  }

  package static func notConnected(container id: String, network: String) -> DockerFailure {
    DockerFailure(500, "container \(id) is not connected to network \(network)")
  }

  /// A container in the network `none` or `host` can have no other.
  package static func exclusiveNetwork(_ mode: String) -> DockerFailure {
    mode == "host"
      ? DockerFailure(403, "container cannot be disconnected from host network or connected to host network")
      : DockerFailure(
        400, "container cannot be connected to multiple networks with one of the networks in private (none) mode")
  }

  package static let noAddressPool = DockerFailure(
    500, "could not find an available, non-overlapping IPv4 address pool among the defaults to assign to the network")

  package static func networkInUse(_ name: String, id: String) -> DockerFailure {
    DockerFailure(
      403, "error while removing network: network \(name) id \(id) has active endpoints")
  }

  package static func noSuchVolume(_ name: String) -> DockerFailure {
    DockerFailure(404, "get \(name): no such volume")
  }

  package static func volumeInUse(_ name: String, by containers: [String]) -> DockerFailure {
    DockerFailure(409, "remove \(name): volume is in use - [\(containers.joined(separator: ", "))]")
  }
}

// MARK: Swarm

extension DockerFailure {
  package static let notAManager = DockerFailure(
    503,
    "This node is not a swarm manager. Use \"docker swarm init\" or \"docker swarm join\" to connect this node to swarm "
      + "and try again.")

  /// A manager that has lost the majority.
  package static let noSwarmLeader = DockerFailure(
    500,
    "rpc error: code = Unknown desc = The swarm does not have a leader. It's possible that too few managers are online. "
      + "Make sure more than half of the managers are online.")

  package static func noSuchService(_ name: String) -> DockerFailure { DockerFailure(404, "service \(name) not found") }

  /// A stale version of an update.
  package static let updateOutOfSequence = DockerFailure(
    500, "rpc error: code = Unknown desc = update out of sequence")

  package static func serviceExists(_ name: String) -> DockerFailure {
    DockerFailure(
      409,
      "rpc error: code = AlreadyExists desc = name conflicts with an existing object: service \(name) already exists")
  }

  /// An update without a readable version.
  package static func invalidServiceVersion(_ text: String) -> DockerFailure {
    DockerFailure(
      400,
      "invalid service version '\(text)': strconv.ParseUint: parsing \"\(text)\": invalid syntax")
  }
}

// MARK: The contract

extension DockerFailure {
  /// The fence of C28: what an authorisation plug-in on the label `agent-id` answers.
  package static func staleTerm(_ leader: LeaderTerm, newest: Int64) -> DockerFailure {
    DockerFailure(
      409, "leader term \(leader.term) of agent \(leader.agentID) is older than \(newest): write refused")
  }

  /// What an engine answers that cannot do it now: the fault of a ratio of errors.
  package static let serverError = DockerFailure(500, "Internal server error")
}
