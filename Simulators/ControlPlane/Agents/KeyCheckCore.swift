import SimulationRuntime

/// The one core that a replica has for password hashes: jobs queue for it (C37).
///
/// Only the time is spent here; the comparison itself is that of the tagged hash.
package final class KeyCheckCore {
  private struct Job {
    let cost: LatencyModel
    let exchange: HTTPExchange
    let completion: () -> Void
  }

  private unowned let incarnation: Incarnation
  private let stream: DecisionStream
  private var queue: [Job] = []
  private var isBusy = false

  private static let done = EventLabel("controlplane.keycheck")

  init(_ incarnation: Incarnation) {
    self.incarnation = incarnation
    stream = incarnation.decisions.stream("controlplane.keycheck")
  }

  /// Jobs that wait for the core.
  package var waiting: Int { queue.count }

  /// Calls `completion` after the core has worked on a job of that cost. A job whose client has given up when
  /// its turn comes is dropped without a call.
  package func run(_ cost: LatencyModel, for exchange: HTTPExchange, _ completion: @escaping () -> Void) {
    queue.append(Job(cost: cost, exchange: exchange, completion: completion))
    if !isBusy { next() }
  }

  private func next() {
    while !queue.isEmpty {
      let job = queue.removeFirst()
      guard job.exchange.isPending else { continue }
      isBusy = true
      let cost = incarnation.decisions.draw(stream, job.cost)
      incarnation.after(cost, Self.done) { [weak self] in
        guard let self else { return }
        isBusy = false
        job.completion()
        if !isBusy { next() }
      }
      return
    }
  }
}
