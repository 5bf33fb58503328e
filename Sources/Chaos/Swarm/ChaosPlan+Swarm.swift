extension ChaosPlan {
  /// A plan drawn from a seed: deployment, workload and faults (lesson L12), of the size of spec/06 §10.4(3).
  ///
  /// `choose` answers a question by its name with a number in `0 ..< count`; equal answers make equal plans.
  public init(swarm seed: UInt64, choose: @escaping (_ name: String, _ count: Int) -> Int) {
    let draw = SwarmDraw(choose: choose)
    self.init(seed: seed, deployment: ChaosDeployment(draw))
    let drawn = SwarmFaults(draw: draw, deployment: deployment, phases: phases).drawn()
    let workload = SwarmWorkload(draw: draw, deployment: deployment, phases: phases).operations()
    faults = drawn.faults.enumerated().sorted { ($0.element.at, $0.offset) < ($1.element.at, $1.offset) }.map(\.element)
    operations = (workload + drawn.operations).enumerated()
      .sorted { ($0.element.at, $0.offset) < ($1.element.at, $1.offset) }.map(\.element)
  }
}
