import DockerAgent
import KubernetesAgent
import SimulationRuntime
import StreamSpaceProtocol
import TestEnvironment

/// The processes of agents.
extension Deployment {
  /// Tells the recorder of engines and of the locks that are kept outside the cluster.
  func observeDocker() {
    for machine in docker.machines {
      viewers.desktops.add(machine.engine)
      machine.engine.observer = { [unowned recorder, unowned viewers] event, _ in
        recorder.note(event)
        viewers.desktops.note(event)
      }
    }
    for agent in agents where agent.topology.platform == .docker {
      guard let places = docker.places(of: agent.id) else { continue }
      for (task, process) in zip(places.tasks, agent.processes) {
        recorder.alias(task.hostname, of: process.name)
        recorder.alias(task.taskID, of: process.name)
      }
      guard case .file = agent.topology.election else { continue }
      for volume in places.volumes {
        volume.onChange = { [unowned recorder, unowned volume] in
          let text = volume.content(of: DockerPlatform.lockPath(agent.id))
          recorder.lockRecordChanged(of: agent.id, text: text.map { String(decoding: $0, as: UTF8.self) })
        }
      }
    }
    // Locks that are not in the engine: it learns of their terms as it would from writes that carry them (C28).
    recorder.onLock = { [unowned self] agent, term in
      guard let agent = try? self.agent(agent), let machine = try? docker.machine(of: agent.topology) else { return }
      machine.engine.see(term: term, of: agent.id)
    }
  }

  /// The platform puts another pod in the place of an agent's: its next life has a name of its own.
  func replacePod(of process: SimulatedProcess) {
    for agent in agents {
      for (own, role) in zip(agent.processes, agent.roles) where own === process { role.replacements += 1 }
    }
  }

  static func addAgents(
    _ topology: Topology, _ behaviours: Behaviours, _ docker: DockerPlatform, redis: Endpoint?,
    _ recorder: ObservationRecorder, in simulation: Simulation
  ) throws -> [DeployedAgent] {
    try topology.agents.map { agent in
      let hosts = HostName.agents(agent)
      let roles = hosts.map { _ in AgentRole() }
      let processes = try hosts.indices.map { index in
        let host = simulation.host(hosts[index])
        let zone = topology.zone(minutes: agent.zoneMinutes)
        switch agent.platform {
        case .kubernetes:
          let program = kubernetesAgent(agent, host.name, behaviours, zone, roles[index], recorder)
          return try simulation.addProcess(host.name, on: host, program: program)
        case .docker:
          let program = try dockerAgent(
            agent, index, host.name, behaviours, zone, docker, redis, roles[index], recorder)
          return try simulation.addProcess(host.name, on: host, program: program)
        }
      }
      return DeployedAgent(topology: agent, processes: processes, roles: roles)
    }
  }

  private static func kubernetesAgent(
    _ agent: Topology.Agent, _ instance: String, _ behaviours: Behaviours, _ zone: HostZone, _ role: AgentRole,
    _ recorder: ObservationRecorder
  ) -> (Incarnation) -> any Program {
    var configuration = AgentConfiguration(
      agentID: agent.id, instanceID: instance, controlPlane: [Balancer.endpoint],
      key: agent.isEnrolled ? .issued(AgentKeys.key(of: agent.id)) : .bootstrap(behaviours.bootstrapKey.text),
      region: "default", capacity: AgentCapacity(maxSessions: agent.maxSessions, cpu: "64 cores", memory: "256Gi"),
      heartbeatInterval: TimeSpan(agent.heartbeat), hasElection: agent.election == .lease)
    configuration.zone = zone
    let behaviour = agent.version == .shipped ? .shipped : behaviours.agent
    return { [unowned recorder] incarnation in
      var configuration = configuration
      if configuration.hasElection, role.replacements > 0 {
        // Another pod of the Deployment has another name: it does not find a lease of its own.
        configuration.instanceID = "\(instance)-r\(role.replacements)"
        recorder.alias(configuration.instanceID, of: instance)
      }
      let hasElection = configuration.hasElection
      let program = KubernetesAgent(incarnation, configuration: configuration, behaviour: behaviour) {
        [unowned recorder] event in
        recorder.note(event, of: agent.id, instance: instance)
      }
      role.mayAct = { [weak program] in
        guard let program else { return false }
        return hasElection ? program.term != nil : program.isConnected
      }
      return program
    }
  }

  private static func dockerAgent(
    _ agent: Topology.Agent, _ index: Int, _ instance: String, _ behaviours: Behaviours, _ zone: HostZone,
    _ docker: DockerPlatform, _ redis: Endpoint?, _ role: AgentRole, _ recorder: ObservationRecorder
  ) throws -> (Incarnation) -> any Program {
    var configuration = try docker.configuration(of: index, of: agent)
    configuration.zone = zone
    if !agent.isEnrolled { configuration.key = .bootstrap(behaviours.bootstrapKey.text) }
    let behaviour = agent.version == .shipped ? .shipped : behaviours.dockerAgent
    return { [unowned recorder, unowned docker, configuration] incarnation in
      let lock = docker.lock(of: index, of: agent, redis: redis, for: incarnation)
      let hasElection = lock != nil
      let program = DockerAgent(
        incarnation, configuration: configuration, lock: lock,
        keys: docker.keys(of: index, of: agent, redis: redis, for: incarnation), behaviour: behaviour
      ) { [unowned recorder] event in
        recorder.note(event, of: agent.id, instance: instance)
      }
      role.mayAct = { [weak program] in
        guard let program else { return false }
        return hasElection ? program.term != nil : program.isConnected
      }
      role.adopt = { [weak program] session, id, name in
        program?.adopt(session: session, containerID: id, name: name)
      }
      return program
    }
  }
}

extension Topology {
  /// The zone of a host of this deployment, with its leap to daylight saving time.
  func zone(minutes: Int) -> HostZone {
    HostZone(minutes: minutes, leapsAt: daylightSavingAt.map { Timestamp(trueTime: Instant.start + TimeSpan($0)) })
  }
}
