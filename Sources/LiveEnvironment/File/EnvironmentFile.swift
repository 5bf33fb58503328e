/// A live or hybrid environment as its file describes it (spec/08 §1): checked, with its secrets at hand.
package struct EnvironmentFile: Sendable, Hashable {
  /// What runs for real.
  package enum Mode: String, Sendable, Hashable, CaseIterable {
    case live, hybrid
  }

  /// In reports and in the run label.
  package var name: String
  package var mode: Mode
  /// Entry for requests that a case does not address to one replica; nil: round-robin over the replicas.
  package var balancer: ServerAddress?
  /// At least one, unless the control plane is simulated.
  package var replicas: [Replica]
  /// Only to check tokens and to speak the agent protocol.
  package var jwtSecret: Secret?
  package var admin: Login?
  package var agentBootstrapKey: Secret?
  package var redis: Redis?
  package var database: Database?
  /// The URL of a server on which databases named `ssim_*` may be made and dropped.
  package var databaseServer: Secret?
  package var kubernetes: Kubernetes?
  package var docker: [DockerHost]
  /// Further agents, and the processes of one id.
  package var agents: [Agent]
  package var templates: Templates
  package var organisations: [Organisation]
  package var limits: Limits
  /// In the order of the file; names are unique.
  package var drivers: [Driver]
  package var proxies: [Proxy]
  /// Only in mode `hybrid`.
  package var hybrid: Hybrid?
  package var safety: Safety
  /// Gates that quote the model are judged, not only reported.
  package var isStrict: Bool

  /// The driver of that name.
  package func driver(_ name: String) -> Driver? { drivers.first { $0.name == name } }

  /// Whether the simulators provide that part.
  package func simulates(_ part: Hybrid.Part) -> Bool { hybrid?.simulated.contains(part) ?? false }
}

// MARK: - The parts of the deployment

extension EnvironmentFile {
  /// What acts on a component, and how the driver calls it.
  package struct Binding: Sendable, Hashable {
    /// Of ``EnvironmentFile/drivers``.
    package var driver: String
    /// Container, pod or workload; nil: as the component is called.
    package var target: String?
  }

  package struct Replica: Sendable, Hashable {
    /// Its POD_NAME.
    package var name: String
    package var url: ServerAddress
    package var binding: Binding?
  }

  package struct Login: Sendable, Hashable {
    package var username: String
    package var password: Secret
  }

  package struct Redis: Sendable, Hashable {
    package var url: ServerAddress
    package var password: Secret?
    /// Of the agent hub.
    package var hubDatabase: Int
    /// Of the response cache and the login sessions.
    package var cacheDatabase: Int
    package var binding: Binding?
  }

  package struct Database: Sendable, Hashable {
    package var url: Secret
    /// Rows may be written: `sql-write`.
    package var mayWrite: Bool
    package var binding: Binding?
  }

  package struct Kubernetes: Sendable, Hashable {
    /// Of the kubeconfig.
    package var context: String
    package var namespace: String
    package var agentID: String
    /// Label selector of the agent's pods.
    package var agentSelector: String
    /// The pods elect one that acts.
    package var hasElection: Bool
  }

  package struct DockerHost: Sendable, Hashable {
    /// How election replicas choose who acts.
    package enum Backend: String, Sendable, Hashable, CaseIterable {
      case file, redis, swarm
    }

    package var host: ServerAddress
    package var agentID: String
    /// What acts on the daemon.
    package var binding: Binding?
    /// Nil: no election.
    package var backend: Backend?
    /// Processes of the agent.
    package var replicas: Int
  }

  package struct Agent: Sendable, Hashable {
    package enum Platform: String, Sendable, Hashable, CaseIterable {
      case kubernetes, docker
    }

    /// Several entries of one id are its processes.
    package var id: String
    package var platform: Platform
    package var binding: Binding?
  }

  package struct Templates: Sendable, Hashable {
    package var standard: String
    package var vnc: String
    /// A desktop image that echoes bytes.
    package var vncRaw: String?
  }

  package struct Organisation: Sendable, Hashable {
    package var id: String
    package var admin: Login
  }

  package struct Limits: Sendable, Hashable {
    /// Sessions that the platforms may carry; nil: what the agents report.
    package var capacity: Int?
    /// `max_sessions` of the licence; nil: what its row says.
    package var licence: Int?
    /// For example `64Gi`.
    package var memory: String?
  }

  package struct Proxy: Sendable, Hashable {
    /// The two components that it stands between.
    package var between: [String]
    package var control: ServerAddress
  }

  package struct Hybrid: Sendable, Hashable {
    /// What the simulators can provide.
    package enum Part: String, Sendable, Hashable, CaseIterable {
      case agents, kubernetes, docker, vnc, redis, controlPlane
    }

    package var simulated: [Part]
    package var listen: String
  }

  package struct Safety: Sendable, Hashable {
    /// Eight hexadecimal digits; nil: drawn for each run.
    package var runLabel: String?
    package var maxSessions: Int
    package var deadline: Duration
    /// Components that drivers may act on.
    package var allow: [String]
  }
}
