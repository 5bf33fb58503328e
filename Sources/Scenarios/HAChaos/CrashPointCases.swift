import TestEnvironment

extension HAChaos {
  static let crashPoints = TestCase(
    "CHAOS-13", "Crash-point enumeration", in: scenario, source: "[+]", variants: [Variant("", .t2)],
    needs: ["replicas:2", "db-control", "sql", "k8s", "schedule"], checks: ["I-ACCEPT", "I-CMD-ONCE"],
    kills: ["A-19", "A-44", "B-25", "C-13"],
    limits:
      "a plain run takes every tenth point, offset by the seed; a send is met by the crash at the statement after it",
    limit: .seconds(20_000)
  ) { environment in
    try await environment.awaitAgents()
    let bench = CrashBench(environment)
    let all = CrashPoint.all
    let step = environment.depth == .full ? 1 : 10
    // Each seed has another tenth; none is left out by ten seeds in a row.
    let first = step == 1 ? 0 : Int(environment.seed % 10)
    var met: [String: (points: Int, met: Int)] = [:]
    for index in stride(from: first, to: all.count, by: step) {
      let isMet = try await bench.perform(all[index])
      let key = "\(all[index].operation.rawValue)\t\(all[index].trouble.name)"
      met[key, default: (0, 0)].points += 1
      if isMet { met[key, default: (0, 0)].met += 1 }
    }
    for operation in CrashPoint.Operation.allCases {
      for trouble in CrashPoint.Trouble.allCases {
        guard let count = met["\(operation.rawValue)\t\(trouble.name)"] else { continue }
        environment.record.add(
          .crashPoints(operation.rawValue, trouble: trouble.name, points: count.points, met: count.met))
      }
    }
    let total = met.values.reduce(0) { $0 + $1.met }
    environment.expect("points at which a trouble struck", .atLeast(.count(5)), total)
    // While the agent finds its way back, a create is accepted or refused, never both.
    try await bench.createWithoutAgent()
    environment.expect("live sessions at the end", .equal(.count(0)), try await bench.liveSessions())
  }
}
