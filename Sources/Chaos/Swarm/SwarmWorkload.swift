/// What the users of a drawn plan do: about one create or stop a minute, and some of the rest (spec/06 §10.4, 3).
struct SwarmWorkload {
  let draw: SwarmDraw
  let deployment: ChaosDeployment
  let phases: ChaosPlan.Phases

  /// Load goes on while faults heal, and ends soon enough for its commands to be over.
  private static let lastOperation = Duration.seconds(40)

  func operations() -> [PlannedOperation] {
    let end = phases.load + phases.heal - Self.lastOperation
    // Some runs have no reader, no sleeper, no visitor at all: absence finds defects too (lesson L12).
    let mix: [(String, weight: Int)] = [
      ("hibernate", draw.pick("mix of hibernations", [0, 10, 20])), ("get", draw.pick("mix of reads", [0, 8])),
      ("list", draw.pick("mix of lists", [0, 4])), ("view", draw.pick("mix of visits", [0, 10])),
    ]
    var operations: [PlannedOperation] = []
    var time = draw.span("operations.gap", 5...60)
    let starts = draw.pick("share of creates", [35, 50, 65])
    while time < end {
      operations.append(
        operation(at: time, draw.chance("operations.start", percent: starts) ? .create : .stop(place())))
      if draw.chance("operations.more", percent: 45), let verb = draw.weighted("operations.verb", mix) {
        operations += more(verb, at: time + draw.span("operations.shift", 1...25))
      }
      time += draw.span("operations.gap", 40...80)
    }
    return operations.filter { $0.at < end }
  }

  private func more(_ verb: String, at time: Duration) -> [PlannedOperation] {
    let user = self.user()
    let place = self.place()
    switch verb {
    case "hibernate":
      return [
        PlannedOperation(at: time, user: user, .hibernate(place), replica: replica()),
        PlannedOperation(
          at: time + draw.span("operations.sleep", 15...90), user: user, .wake(place), replica: replica()),
      ]
    case "get": return [PlannedOperation(at: time, user: user, .get(place), replica: replica())]
    case "list": return [PlannedOperation(at: time, user: user, .list, replica: replica())]
    default: return [PlannedOperation(at: time, user: user, .view(place), replica: replica())]
    }
  }

  func operation(at time: Duration, _ verb: PlannedOperation.Verb) -> PlannedOperation {
    PlannedOperation(at: time, user: user(), verb, replica: replica())
  }

  func user() -> Int { draw.choose("operations.user", deployment.users) }

  private func place() -> Int { draw.choose("operations.session", 4) }

  /// Mostly through the balancer.
  private func replica() -> Int? {
    draw.chance("operations.direct", percent: 25) ? draw.choose("operations.replica", deployment.replicas) : nil
  }
}
