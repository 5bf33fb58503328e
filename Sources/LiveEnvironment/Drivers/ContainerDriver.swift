import Foundation

/// A component that is a named container, by the docker command line.
package final class ContainerDriver: ComponentDriver {
  private let component: String
  private let container: String
  private let driver: EnvironmentFile.Driver
  /// Nil: as `DOCKER_HOST` and the command line's own context say.
  private let host: ServerAddress?
  private let isReady: ReadyCheck
  private let readiness: Duration
  /// Seconds between SIGTERM and SIGKILL: a container that needs the second has not stopped in order.
  private static let grace = 30

  package init(
    component: String, target: String?, driver: EnvironmentFile.Driver, host: ServerAddress?,
    isReady: @escaping ReadyCheck, readiness: Duration = .seconds(60)
  ) {
    self.component = component
    container = target ?? component
    self.driver = driver
    self.host = host
    self.isReady = isReady
    self.readiness = readiness
  }

  package var offer: ComponentOffer {
    do throws(DriverError) {
      _ = try state()
      return ComponentOffer(component, DriverVerb.allCases)
    } catch {
      return ComponentOffer(component, [], reason: error.why)
    }
  }

  package func state() throws(DriverError) -> ComponentState {
    let text: String
    do throws(CommandRun.Refusal) {
      text = try docker(["container", "inspect", "--format", "{{.State.Status}}", container])
    } catch {
      throw .gone(component: component, reason: error.description)
    }
    switch text.trimmingCharacters(in: .whitespacesAndNewlines) {
    case "running", "restarting": return .running
    case "paused": return .paused
    default: return .stopped
    }
  }

  package func perform(_ verb: DriverVerb) throws(DriverError) {
    let words =
      switch verb {
      case .start: ["start", container]
      case .stop: ["stop", "--time", String(Self.grace), container]
      case .kill: ["kill", container]
      case .pause: ["pause", container]
      case .resume: ["unpause", container]
      }
    do throws(CommandRun.Refusal) {
      _ = try docker(words, limit: .seconds(Self.grace + 15))
    } catch {
      throw .failed(verb, component: component, reason: error.description)
    }
    guard verb == .start, let url = driver.readyURL?.replacing("{target}", with: container) else { return }
    let deadline = ContinuousClock.now + readiness
    while !isReady(url) {
      guard ContinuousClock.now < deadline else {
        throw .failed(.start, component: component, reason: "\(url) does not answer 200")
      }
      usleep(50_000)
    }
  }

  private func docker(_ words: [String], limit: Duration = .seconds(10)) throws(CommandRun.Refusal) -> String {
    let place = host.map { ["--host", $0.dockerHost] } ?? []
    return try CommandRun.output(of: ["docker"] + place + words, variables: driver.variables, limit: limit)
  }
}

extension ServerAddress {
  /// As the docker command line takes it.
  var dockerHost: String { scheme == "unix" ? "unix://\(path)" : "\(scheme)://\(place)" }
}
