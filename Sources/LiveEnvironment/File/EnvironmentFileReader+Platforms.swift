#if Live
  import Yams

  extension EnvironmentFileReader {
    func kubernetes() -> EnvironmentFile.Kubernetes? {
      let keys = ["context", "namespace", "agentId", "agentSelector", "election"]
      guard let section = top.section("kubernetes", keys: keys) else { return nil }
      let context = section.text("context", required: true)
      let namespace = section.word("namespace")
      let agentID = agentID(section, "agentId")
      let selector = section.text("agentSelector", required: true)
      if let selector, !selector.contains("=") {
        section.complain("agentSelector", "must be a label selector such as app=agent")
      }
      let election = section.flag("election") ?? false
      guard let context, let agentID, let selector else { return nil }
      return EnvironmentFile.Kubernetes(
        context: context, namespace: namespace ?? "streamspace", agentID: agentID, agentSelector: selector,
        hasElection: election)
    }

    func docker() -> [EnvironmentFile.DockerHost] {
      let keys = ["host", "agentId", "driver", "target", "backend", "replicas"]
      return top.sections("docker", keys: keys).compactMap { section in
        let host = section.address("host", schemes: ["unix", "tcp"], required: true)
        let agentID = agentID(section, "agentId")
        let backend = section.choice("backend", of: EnvironmentFile.DockerHost.Backend.self)
        let replicas = section.integer("replicas", in: 1...100)
        if let replicas, replicas > 1, backend == nil, section.node("backend") == nil {
          section.complain("replicas", "of more than 1 need a backend (file, redis or swarm)")
        }
        let binding = binding(section)
        guard let host, let agentID else { return nil }
        references.define(agentID, "docker", section.place(of: "agentId"), problems)
        return EnvironmentFile.DockerHost(
          host: host, agentID: agentID, binding: binding, backend: backend, replicas: replicas ?? 1)
      }
    }

    func agents() -> [EnvironmentFile.Agent] {
      top.sections("agents", keys: ["id", "platform", "driver", "target"]).compactMap { section in
        let id = agentID(section, "id")
        let platform = section.choice("platform", of: EnvironmentFile.Agent.Platform.self, required: true)
        let binding = binding(section)
        guard let id, let platform else { return nil }
        let key = section.node("target") == nil ? "id" : "target"
        references.define(binding?.target ?? id, "agents", section.place(of: key), problems)
        return EnvironmentFile.Agent(id: id, platform: platform, binding: binding)
      }
    }

    /// 3 to 100 characters: a registration refuses others (spec/01 §1.2).
    private func agentID(_ section: FileSection, _ key: String) -> String? {
      guard let id = section.word(key, required: true) else { return nil }
      guard id.utf8.count >= 3 else {
        section.complain(key, "must have 3 to 100 characters: a registration refuses '\(id)'")
        return nil
      }
      return id
    }

    func templates() -> EnvironmentFile.Templates {
      let section = top.section("templates", keys: ["standard", "vnc", "vncRaw"])
      return EnvironmentFile.Templates(
        standard: section?.word("standard") ?? "xterm-vnc", vnc: section?.word("vnc") ?? "rfb-desktop",
        vncRaw: section?.word("vncRaw"))
    }

    func limits() -> EnvironmentFile.Limits {
      let section = top.section("limits", keys: ["capacity", "licence", "memory"])
      let memory = section?.text("memory")
      if let memory, memory.wholeMatch(of: /[1-9][0-9]*(Ki|Mi|Gi|Ti)/) == nil {
        section?.complain("memory", "must be an amount such as 64Gi")
      }
      return EnvironmentFile.Limits(
        capacity: section?.integer("capacity", in: 1...1_000_000),
        licence: section?.integer("licence", in: 1...1_000_000_000), memory: memory)
    }
  }
#endif
