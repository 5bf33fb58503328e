import SimulationRuntime

/// The process inside that stands for the clients outside.
enum GatewayProcess {
  /// Its present life, started when first needed; nil while it does not run.
  static func incarnation(of owner: String, in simulation: Simulation) -> Incarnation? {
    if let process = simulation.process(owner) { return process.current }
    guard
      let process = try? simulation.addProcess(owner, on: simulation.host(owner), program: { GatewayProgram($0) })
    else { return nil }
    process.start()
    return process.current
  }

  private final class GatewayProgram: Program {
    private unowned let incarnation: Incarnation

    init(_ incarnation: Incarnation) { self.incarnation = incarnation }

    func start() {}
    func terminate() { incarnation.exit("stopped") }
  }
}
