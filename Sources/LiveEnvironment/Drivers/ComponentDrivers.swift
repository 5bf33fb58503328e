/// The drivers of an environment file. The only way to act on a component: what `safety.allow` does not name is refused
/// here.
///
/// For one thread at a time.
package final class ComponentDrivers {
  private let components: [LiveComponent]
  private var drivers: [String: any ComponentDriver] = [:]

  /// Nothing is touched yet, but pid files are read: from then on a process is known by its start.
  package init(_ file: EnvironmentFile, isReady: @escaping ReadyCheck) {
    components = file.components
    for component in components {
      guard let binding = component.binding else { continue }
      let driver = file.driver(binding.driver)
      let made: (any ComponentDriver)? =
        switch driver?.kind {
        case .process:
          driver.map {
            ProcessDriver(component: component.name, target: binding.target, driver: $0, isReady: isReady)
          }
        case .docker:
          driver.map {
            ContainerDriver(
              component: component.name, target: binding.target, driver: $0, host: file.dockerHost(of: component),
              isReady: isReady)
          }
        case .kubectl:
          PodDriver(
            component: component.name, target: binding.target, driver: driver, kubernetes: file.kubernetes)
        case nil where binding.driver == EnvironmentFile.implicitKubectl:
          PodDriver(component: component.name, target: binding.target, driver: nil, kubernetes: file.kubernetes)
        case .some(.none), nil: nil
        }
      drivers[component.name] = made
    }
  }

  /// What may be done to each component that has a driver, in the order of the file. Asks the platforms.
  package var offers: [ComponentOffer] {
    components.compactMap { component in
      guard component.binding != nil else { return nil }
      guard let driver = drivers[component.name] else {
        return ComponentOffer(component.name, [], reason: "its driver is of kind none")
      }
      return component.isAllowed ? driver.offer : ComponentOffer(component.name, [], reason: "not in safety.allow")
    }
  }

  package func state(of name: String) throws(DriverError) -> ComponentState { try driver(of: name).state() }

  package func perform(_ verb: DriverVerb, on name: String) throws(DriverError) {
    try driver(of: name).perform(verb)
  }

  private func driver(of name: String) throws(DriverError) -> any ComponentDriver {
    guard let component = components.first(where: { $0.name == name }) else { throw .unknown(component: name) }
    guard component.isAllowed else { throw .notAllowed(component: name) }
    guard let driver = drivers[name] else {
      throw .gone(component: name, reason: component.binding == nil ? "it has no driver" : "its driver is of kind none")
    }
    return driver
  }
}

extension EnvironmentFile {
  /// Where the docker command line finds a component: an agent of a Docker host runs on that host. Nil: where the
  /// command line looks by itself.
  func dockerHost(of component: LiveComponent) -> ServerAddress? {
    guard case .agent(let id) = component.kind else { return nil }
    return docker.first { $0.agentID == id }?.host
  }
}
