import StreamSpaceProtocol

/// What an observer is told of the cluster: what the oracles judge (I-SESS-TRUTH, I-NO-ORPHAN, I-CMD-ONCE,
/// I-LEADER-ONE, I-SESS-SURVIVE).
package enum KubernetesEvent: Sendable, Hashable {
  /// A Deployment was created: the effect of a start command.
  case workloadCreated(Workload, by: Writer)
  /// The wished number of instances changed: 0 hibernates, 1 wakes.
  case workloadScaled(Workload, replicas: Int, by: Writer)
  /// The deletion of a Deployment began.
  case workloadDeleting(Workload, by: Writer)
  /// The Deployment is gone, and with it its pods.
  case workloadDeleted(Workload)
  /// A pod was made.
  case podCreated(Workload, pod: String)
  /// A pod's container runs: from here on its desktop may listen on the pod's address.
  case containerStarted(Workload, Container)
  /// A pod's container has ended: by itself, by a kill, or with its pod.
  case containerEnded(Workload, Container, reason: String)
  /// A pod became ready.
  case podReady(Workload, pod: String)
  /// A pod is no longer ready: its container ended, or its deletion began.
  case podUnready(Workload, pod: String, reason: String)
  /// A pod is gone.
  case podGone(Workload, pod: String)
  /// Another object of a session or an agent was created: service, claim, secret, session resource.
  case objectCreated(ObjectReference, Workload, by: Writer)
  /// Another object is gone.
  case objectDeleted(ObjectReference, Workload)
  /// A lease has a new holder (empty: released) or a new term.
  case leaseChanged(agentID: String, holder: String, term: Int64, previous: String, by: Writer)
  /// The fence refused a write: it does not count as an act of the old leader (I-LEADER-ONE).
  case writeRefused(ObjectReference, by: Writer, newestTerm: Int64)

  /// Whom an object belongs to, from its labels; empty texts where it has none.
  package struct Workload: Sendable, Hashable {
    package var session: String
    package var agent: String
    /// The start command that made it.
    package var command: String
    /// Name of the Deployment, or of the object itself.
    package var name: String

    package init(session: String, agent: String, command: String, name: String) {
      self.session = session
      self.agent = agent
      self.command = command
      self.name = name
    }

    init(_ metadata: ObjectMetadata) {
      self.init(
        session: metadata.labels[SessionLabel.session] ?? "", agent: metadata.labels[SessionLabel.agent] ?? "",
        command: metadata.labels[SessionLabel.command] ?? "", name: metadata.owner?.name ?? metadata.name)
    }
  }

  /// The one container of a session's pod.
  package struct Container: Sendable, Hashable {
    package var pod: String
    /// The pod's address, which names its host on the simulated network. No other pod has it, and a restart of the
    /// container keeps it.
    package var address: String
    package var image: String
    /// Name of the template, from the pod's label.
    package var template: String
    /// The port of the desktop (``Pod/vncPort``).
    package var vncPort: Int

    package init(pod: String, address: String, image: String, template: String, vncPort: Int) {
      self.pod = pod
      self.address = address
      self.image = image
      self.template = template
      self.vncPort = vncPort
    }

    init(_ pod: Pod) {
      self.init(
        pod: pod.metadata.name, address: pod.podIP, image: pod.template.image,
        template: pod.metadata.labels[SessionLabel.template] ?? "", vncPort: pod.vncPort)
    }
  }

  /// Who wrote.
  package struct Writer: Sendable, Hashable {
    /// ``KubernetesRequest/caller``; `cluster` for the cluster itself, `seed` for what was put in place.
    package var caller: String
    /// Nil without election.
    package var term: Int64?

    package init(caller: String, term: Int64? = nil) {
      self.caller = caller
      self.term = term
    }

    package static let cluster = Writer(caller: "cluster")
    package static let seed = Writer(caller: "seed")
  }
}
