import StreamSpaceProtocol

/// What an observer is told of an engine: what the oracles judge (I-SESS-TRUTH, I-NO-ORPHAN, I-CMD-ONCE, I-LEADER-ONE,
/// I-SESS-SURVIVE). The shape is that of the events of the Kubernetes simulator.
package enum EngineEvent: Sendable, Hashable {
  /// A container was created: with its start the effect of a start command.
  case containerCreated(Workload, by: Writer)
  /// Its process runs: Docker knows no other readiness.
  case containerStarted(Workload, by: Writer)
  /// As ``containerStarted(_:by:)``, with where its desktop may listen.
  case processStarted(Workload, Process)
  /// The process has ended, at the very instant: also when no daemon is there to see it.
  case processEnded(Workload, Process)
  /// A stop, a kill, a restart or a forced removal of a running container began: from here on its end is wished.
  case containerStopping(Workload, by: Writer)
  /// Its process has ended. `willRestart`: its policy starts another.
  case containerExited(Workload, code: Int, reason: String, willRestart: Bool)
  case containerPaused(Workload, by: Writer)
  case containerUnpaused(Workload, by: Writer)
  /// The container is gone.
  case containerRemoved(Workload, by: Writer)
  /// A network or a volume was created.
  case objectCreated(ObjectKind, Workload, by: Writer)
  /// A network or a volume is gone.
  case objectRemoved(ObjectKind, Workload, by: Writer)
  /// The swarm's lock of an agent id has a new holder (empty: released) or a new term.
  case leaderLabelChanged(agentID: String, holder: String, term: Int64, previous: String, by: Writer)
  /// The fence refused a write: it does not count as an act of the old leader (I-LEADER-ONE).
  case writeRefused(DockerCall, name: String, by: Writer, newestTerm: Int64)

  /// What beside containers belongs to somebody.
  package enum ObjectKind: String, Sendable, Hashable, CaseIterable {
    case network, volume
  }

  /// Whom an object belongs to, from its labels; empty texts where it has none.
  package struct Workload: Sendable, Hashable {
    package var session: String
    package var agent: String
    /// The start command that made it.
    package var command: String
    /// Name of the container, network or volume.
    package var name: String
    /// Id of the container or network; the name of a volume.
    package var id: String
    /// Host of the engine.
    package var host: String

    package init(session: String, agent: String, command: String, name: String, id: String, host: String) {
      self.session = session
      self.agent = agent
      self.command = command
      self.name = name
      self.id = id
      self.host = host
    }

    init(_ labels: Labels, name: String, id: String, host: String) {
      self.init(
        session: labels[DockerLabel.session] ?? "", agent: labels[DockerLabel.agent] ?? "",
        command: labels[DockerLabel.command] ?? "", name: name, id: id, host: host)
    }
  }

  /// One run of a container's process.
  package struct Process: Sendable, Hashable {
    /// Address in the container's first network that has addresses: `<engine's host>/<address>` names its host on the
    /// simulated network. The next run may have another, as Docker gives the lowest free one at each start.
    package var address: String
    package var image: String
    /// The port of the desktop (``ContainerSpecification/vncPort``).
    package var vncPort: Int

    package init(address: String, image: String, vncPort: Int) {
      self.address = address
      self.image = image
      self.vncPort = vncPort
    }
  }

  /// Who wrote.
  package struct Writer: Sendable, Hashable {
    /// ``DockerRequest/caller``; `engine` for the engine itself, `swarm`, `seed` for what was put in place.
    package var caller: String
    /// Nil without election.
    package var term: Int64?

    package init(caller: String, term: Int64? = nil) {
      self.caller = caller
      self.term = term
    }

    /// A restart policy, or the daemon's own stop and start.
    package static let engine = Writer(caller: "engine")
    package static let swarm = Writer(caller: "swarm")
    package static let seed = Writer(caller: "seed")
  }
}
