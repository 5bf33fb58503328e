#if Live
  import ServedEnvironment
  import SimulatedEnvironment
  import SocketBridges
  import StreamSpaceProtocol

  /// What a person or a program wants to know of a served deployment, as text and as JSON.
  struct DeploymentReport {
    private let served: ServedDeployment
    private let topology: String
    private let profile: String

    init(_ served: ServedDeployment, topology: String, profile: String) {
      self.served = served
      self.topology = topology
      self.profile = profile
    }

    private var addresses: ServedDeployment.Addresses { served.addresses }
    private var credentials: StandingDeployment.Credentials { StandingDeployment.credentials }

    /// Variables that StreamSpace's own programs read (spec/07 §1, spec/03 §1).
    private var variables: [(name: String, value: String)] {
      var list: [(String, String)] = []
      if let balancer = addresses.balancer {
        list.append(("CONTROL_PLANE_URL", "ws://\(balancer)"))
        list.append(("AGENT_API_KEY", credentials.bootstrapKey))
      }
      if case .tcp(let host, let port)? = addresses.redis {
        list += [("REDIS_HOST", host), ("REDIS_PORT", "\(port)")]
      }
      if let engine = addresses.docker.first { list.append(("DOCKER_HOST", "unix://\(engine.path)")) }
      list += [("JWT_SECRET", credentials.jwtSecret), ("AGENT_BOOTSTRAP_KEY", credentials.bootstrapKey)]
      return list
    }

    var text: String {
      var lines = ["a deployment of topology \(topology), profile \(profile), until Ctrl-C", ""]
      let add = { (name: String, value: String) in
        lines.append("  " + name + String(repeating: " ", count: max(1, 14 - name.count)) + value)
      }
      if let balancer = addresses.balancer { add("balancer", "http://\(balancer)") }
      for replica in addresses.replicas { add(replica.name, "http://\(replica.address)") }
      if let redis = addresses.redis { add("redis", "redis://\(redis)") }
      for engine in addresses.docker { add(engine.name, "unix://\(engine.path)") }
      add("control", addresses.control)
      add("administrator", "\(credentials.administrator) / \(credentials.password)")
      add("agents", served.agents.joined(separator: ", "))
      return (lines + [""] + variables.map { "export \($0.name)=\($0.value)" }).joined(separator: "\n")
    }

    var json: String {
      var object = JSONObject()
      object.add("topology", JSONValue.string(topology))
      object.add("profile", JSONValue.string(profile))
      if let balancer = addresses.balancer { object.add("balancer", JSONValue.string("http://\(balancer)")) }
      object.add("replicas", map(addresses.replicas.map { ($0.name, "http://\($0.address)") }))
      if let redis = addresses.redis { object.add("redis", JSONValue.string("redis://\(redis)")) }
      object.add("docker", map(addresses.docker.map { ($0.name, "unix://\($0.path)") }))
      object.add("control", JSONValue.string(addresses.control))
      object.add("agents", JSONValue.array(served.agents.map { .string($0) }))
      object.add(
        "credentials", map([("username", credentials.administrator), ("password", credentials.password)]))
      object.add("environment", map(variables))
      return JSONWriter.text(of: .object(object))
    }

    private func map(_ pairs: [(String, String)]) -> JSONValue {
      .object(JSONObject(pairs.map { JSONObject.Member(key: $0.0, value: .string($0.1)) }))
    }
  }
#endif
