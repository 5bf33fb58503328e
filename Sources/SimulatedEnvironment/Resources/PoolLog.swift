import ControlPlane
import SimulationRuntime
import TestEnvironment

/// What the pool of a replica's database connections did; waits only while somebody measures.
struct PoolLog {
  /// Connections that are open or being opened.
  var open = 0
  private(set) var use = PoolUse()
  private var isMeasuring = false

  mutating func begin() {
    isMeasuring = true
    use = PoolUse()
    use.most = open
  }

  mutating func note(_ event: DatabaseClient.Event) {
    switch event {
    case .dialled(let count):
      open = count
      use.most = max(use.most, count)
      use.opened += 1
    case .closed(let count): open = count
    case .lent(let wait): if isMeasuring { use.waits.append(Duration(wait)) }
    case .refused(let wait): if isMeasuring { use.refusals.append(Duration(wait)) }
    }
  }
}
