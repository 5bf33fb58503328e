#if Live
  import Foundation
  import SocketBridges
  import StreamSpaceProtocol

  extension EnvironmentProbe {
    func look(at kubernetes: EnvironmentFile.Kubernetes) async -> Result {
      let each = limit
      let variables = variables
      let answer = await TimeLimited.blocking(limit * 8) { Self.cluster(kubernetes, each, variables) }
      let subject = "kubernetes"
      switch answer {
      case nil:
        return Result(lines: [
          ProbeLine(subject, .unavailable, "context \(kubernetes.context) gives no answer in time")
        ])
      case .failure(let refusal):
        let words = refusal.description
        if case .absent = refusal {
          return Result(lines: [ProbeLine(subject, .unavailable, words, advice: "install kubectl")])
        }
        if words.contains("does not exist") || words.contains("no context exists") {
          return Result(lines: [
            ProbeLine(
              subject, .refused, words, advice: "kubectl config get-contexts shows those there are")
          ])
        }
        return Result(lines: [
          ProbeLine(subject, .unavailable, words, advice: "start the cluster, or correct kubernetes.context")
        ])
      case .success(let cluster):
        let pods = cluster.agentPods.count
        return Result(lines: [
          ProbeLine(
            subject, pods > 0 ? .fine : .note,
            "context \(kubernetes.context), namespace \(kubernetes.namespace): \(pods) pods of the agent run",
            advice: pods > 0 ? "" : "check kubernetes.namespace and agentSelector")
        ]) { $0.cluster = cluster }
      }
    }

    private static func cluster(
      _ kubernetes: EnvironmentFile.Kubernetes, _ limit: Duration, _ variables: [String: String]
    ) -> Swift.Result<Sightings.Cluster, CommandRun.Refusal> {
      let base = [
        "kubectl", "--context", kubernetes.context, "--namespace", kubernetes.namespace,
        "--request-timeout", "\(max(1, limit.components.seconds))s",
      ]
      func may(_ words: String...) -> Bool {
        (try? CommandRun.run(base + ["auth", "can-i", "--quiet"] + words, variables: variables, limit: limit))?.status
          == 0
      }
      var cluster = Sightings.Cluster()
      do throws(CommandRun.Refusal) {
        let pods = try CommandRun.output(
          of: base + [
            "get", "pods", "--selector", kubernetes.agentSelector, "--field-selector", "status.phase=Running",
            "--output", "jsonpath={.items[*].metadata.name}",
          ], variables: variables, limit: limit)
        cluster.agentPods = pods.split(whereSeparator: \.isWhitespace).map(String.init)
      } catch {
        return .failure(error)
      }
      cluster.mayListPods = may("list", "pods")
      cluster.mayDeletePods = may("delete", "pods")
      cluster.mayChangeRoles = may("update", "roles.rbac.authorization.k8s.io")
      if kubernetes.hasElection {
        let holder = try? CommandRun.output(
          of: base + [
            "get", "lease", "streamspace-agent-\(kubernetes.agentID)", "--output", "jsonpath={.spec.holderIdentity}",
          ], variables: variables, limit: limit)
        cluster.leaseHolder = holder.flatMap { $0.isEmpty ? nil : $0 }
      }
      cluster.hasMetrics =
        (try? CommandRun.run(base + ["top", "pods"], variables: variables, limit: limit))?.status == 0
      return .success(cluster)
    }

    func look(at host: EnvironmentFile.DockerHost) async -> Result {
      let each = limit
      let variables = variables
      let subject = "docker \(host.agentID)"
      let answer = await TimeLimited.blocking(limit * 2) { () -> Swift.Result<String, CommandRun.Refusal> in
        do throws(CommandRun.Refusal) {
          return .success(
            try CommandRun.output(
              of: ["docker", "--host", host.host.dockerHost, "version", "--format", "{{.Server.Version}}"],
              variables: variables, limit: each))
        } catch {
          return .failure(error)
        }
      }
      switch answer {
      case .success(let text):
        let version = text.trimmingCharacters(in: .whitespacesAndNewlines)
        return Result(lines: [ProbeLine(subject, .fine, "\(host.host): Docker \(version)")]) {
          $0.daemons[host.agentID] = version
        }
      case .failure(.absent(let program)):
        return Result(lines: [
          ProbeLine(
            subject, .unavailable, CommandRun.Refusal.absent(program).description,
            advice: "install the docker command line")
        ])
      case .failure(let refusal):
        let isClosed = refusal.description.contains("permission denied")
        return Result(lines: [
          ProbeLine(
            subject, isClosed ? .refused : .unavailable, "\(host.host): \(refusal)",
            advice: isClosed ? "join the group docker, or use another host" : "start the daemon, or correct docker.host"
          )
        ])
      case nil:
        return Result(lines: [ProbeLine(subject, .unavailable, "\(host.host) gives no answer in time")])
      }
    }

    func look(at proxy: EnvironmentFile.Proxy, _ index: Int) async -> Result {
      let subject = "proxy \(proxy.between.joined(separator: " - "))"
      do throws(ConnectionTrouble) {
        let answer = try await WebProbe(address: proxy.control, limit: limit).send(.get, "/")
        return Result(lines: [ProbeLine(subject, .fine, "\(proxy.control) answers with \(answer.status)")]) {
          $0.proxies.append(index)
        }
      } catch {
        return Result(lines: [
          ProbeLine(subject, .unavailable, "\(proxy.control): \(error)", advice: "start it, or leave it out")
        ])
      }
    }

    /// What drivers offer; a component that nothing can act on is worth a word, not a failure.
    func drivers() async -> Result {
      let file = file
      let answer = await TimeLimited.blocking(limit * 8) {
        ComponentDrivers(file) { _ in false }.offers
      }
      let offers = answer ?? []
      let lines = offers.filter { $0.verbs.isEmpty }.map {
        ProbeLine("driver of \($0.component)", .note, "it may do nothing: \($0.reason)")
      }
      return Result(lines: lines) { $0.offers = offers }
    }
  }
#endif
