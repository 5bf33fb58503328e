/// Labels the Docker agent puts on what belongs to a session: three recorded ones (spec/03 §5.1) and the two of the
/// contract (C27).
package enum DockerLabel {
  package static let app = "app"
  /// The value of ``app``.
  package static let appValue = "streamspace"
  package static let component = "component"
  /// The value of ``component`` for containers and volumes.
  package static let sessionComponent = "session"
  /// The value of ``component`` for the network.
  package static let networkComponent = "session-network"
  package static let session = "session-id"
  /// Which agent id owns the object (C27).
  package static let agent = "agent-id"
  /// The start command that made the object (C27).
  package static let command = "command-id"

  /// The port of the desktop inside a container: ports have no names here, and a new process of the agent knows no
  /// template.
  package static let vncPort = "vnc-port"

  /// The labels of everything that belongs to a session.
  package static func ofSession(_ session: String, agent: String, command: String) -> Labels {
    [
      app: appValue, component: sessionComponent, DockerLabel.session: session, DockerLabel.agent: agent,
      DockerLabel.command: command,
    ]
  }
}

extension ContainerSpecification {
  /// The port of the desktop: as labelled, else the only port that is exposed, else 3000 (spec/03 §7).
  package var vncPort: Int {
    if let labelled = labels[DockerLabel.vncPort].flatMap({ Int($0) }) { return labelled }
    guard exposedPorts.count == 1, let number = exposedPorts.first?.split(separator: "/").first else { return 3000 }
    return Int(number) ?? 3000
  }
}

/// Names the Docker agent gives (spec/03 §5.1).
package enum DockerName {
  /// Of a session's container.
  package static func container(session: String) -> String { "streamspace-\(session)" }
  /// Of a session's home volume.
  package static func homeVolume(session: String) -> String { "streamspace-\(session)-home" }
  /// Of the volume of a mount that the template names.
  package static func volume(session: String, mount: String) -> String { "streamspace-\(session)-\(mount)" }
  /// Where the home volume is mounted.
  package static let homePath = "/home/streamspace"
  /// The network when the configuration names none.
  package static let defaultNetwork = "streamspace"
}

/// Labels of a swarm: those the cluster puts on tasks' containers, and those of the service that are the agent's lock.
package enum SwarmLabel {
  package static let taskID = "com.docker.swarm.task.id"
  package static let taskName = "com.docker.swarm.task.name"
  package static let task = "com.docker.swarm.task"
  package static let serviceID = "com.docker.swarm.service.id"
  package static let serviceName = "com.docker.swarm.service.name"
  package static let nodeID = "com.docker.swarm.node.id"

  /// The lock's holder: the task id of the leader (spec/03 §6).
  package static func leader(of agentID: String) -> String { "streamspace.agent.leader.\(agentID)" }
  /// When it was renewed, RFC 3339 in whole seconds; the shipped agent judges by it.
  package static func leaderTimestamp(of agentID: String) -> String { "\(leader(of: agentID)).timestamp" }
  /// The term of the contract (C29).
  package static func leaderTerm(of agentID: String) -> String { "\(leader(of: agentID)).term" }
  /// The counter of the contract: each renewal changes it (C29).
  package static func leaderCounter(of agentID: String) -> String { "\(leader(of: agentID)).counter" }
}

extension SwarmLabel {
  /// The agent id behind the label of a lock's holder; nil for every other label, those of its parts included.
  package static func agentID(ofLeaderLabel key: String) -> String? {
    let prefix = leader(of: "")
    guard key.hasPrefix(prefix), key.utf8.count > prefix.utf8.count else { return nil }
    for part in [".timestamp", ".term", ".counter"] where key.hasSuffix(part) { return nil }
    return String(key.dropFirst(prefix.count))
  }
}
