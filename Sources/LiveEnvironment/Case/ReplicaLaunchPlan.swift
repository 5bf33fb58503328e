#if Live
  import SimulatedEnvironment
  import TestEnvironment

  /// How the replicas of a topology are started as processes: `streamspace-live serve api …`.
  struct ReplicaLaunchPlan {
    /// The program that serves: this one.
    let program: String
    let databaseURL: String
    /// Nil: the topology has no Redis.
    let redisPort: Int?

    func launches(of topology: Topology) throws -> [ReplicaFleet.Launch] {
      try Self.check(topology)
      let names = (1...max(topology.replicas, 1)).prefix(topology.replicas).map { "api-\($0)" }
      let ports = try names.map { name in
        guard let port = LoopbackPort.free() else {
          throw ServerProcess.Failure(description: "no free port for \(name)")
        }
        return port
      }
      return names.indices.map { index in
        var arguments = ["serve", "api", "--name", names[index], "--port", String(ports[index])]
        arguments += ["--database-url", databaseURL]
        if let redisPort { arguments += ["--redis-url", "redis://127.0.0.1:\(redisPort)"] }
        for other in names.indices where other != index {
          arguments += ["--peer", "\(names[other])=http://127.0.0.1:\(ports[other])"]
        }
        if topology.cacheEnabled { arguments.append("--cache") }
        if topology.defaultPlatform == .docker { arguments += ["--platform", "docker"] }
        return ReplicaFleet.Launch(
          name: names[index], port: ports[index], program: program, arguments: arguments,
          environment: [
            "PATH": "/usr/local/bin:/usr/bin:/bin", "JWT_SECRET": HybridDeployment.jwtSecret,
            "AGENT_BOOTSTRAP_KEY": HybridDeployment.bootstrapKey,
            "ADMIN_PASSWORD": HybridDeployment.administratorPassword,
          ], seed: UInt64(index + 1))
      }
    }

    /// What a served replica cannot be told.
    ///
    /// A standby that lags is none of them: under the contract nobody asks one.
    private static func check(_ topology: Topology) throws {
      if !topology.namelessReplicas.isEmpty { throw Unavailable("config", "a replica without a name") }
      if topology.hasShippedControlPlane || topology.agents.contains(where: { $0.version == .shipped }) {
        throw Unavailable("versions")
      }
      if !topology.binaries.isEmpty { throw Unavailable("versions", "binaries of several schema versions") }
      if topology.replicaZoneMinutes != 0 || topology.databaseZoneMinutes != 0 || topology.daylightSavingAt != nil {
        throw Unavailable("clock", "time zones")
      }
      if topology.adminPasswordArrives != .zero { throw Unavailable("config", "a password that comes late") }
      if topology.redisMemory != nil { throw Unavailable("config", "a limit for the memory of Redis") }
      if topology.nameSuffixes != nil { throw Unavailable("schedule", "names from few suffixes") }
      if topology.probesReadiness { throw Unavailable("config", "a platform that probes readiness") }
      if topology.database != .ready { throw Unavailable("config", "a database of another version") }
    }
  }
#endif
