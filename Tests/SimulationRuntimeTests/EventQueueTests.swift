import Testing

@testable import SimulationRuntime

@Suite("Event queue")
struct EventQueueTests {
  private static let label = EventLabel("test.event")

  /// The obvious queue: a list searched for its least element.
  private struct Model {
    var pending: [(time: Int64, order: Int, id: Int)] = []

    mutating func pop() -> (time: Int64, id: Int)? {
      guard
        let index = pending.indices.min(by: {
          (pending[$0].time, pending[$0].order) < (pending[$1].time, pending[$1].order)
        })
      else { return nil }
      let event = pending.remove(at: index)
      return (event.time, event.id)
    }
  }

  @Test("it agrees with a naive model over random histories", arguments: 0..<40 as Range<UInt64>)
  func agreesWithModel(seed: UInt64) {
    var random = RandomStream(seed: seed, name: "queue")
    let queue = EventQueue(capacity: 4)
    var model = Model()
    var tokens: [(id: Int, token: EventToken)] = []
    var ran: [Int] = []
    var order = 0
    // Short times, so that ties are common; many cancellations, so that the queue compacts itself.
    for step in 0..<400 {
      switch random.next(below: 8) {
      case 0...3:
        let time = Int64(random.next(below: 50))
        let token = queue.schedule(at: time, owner: nil, label: Self.label) { ran.append(step) }
        model.pending.append((time, order, step))
        tokens.append((step, token))
        order += 1
      case 4, 5:
        guard !tokens.isEmpty else { continue }
        let (id, token) = tokens[Int(random.next(below: UInt64(tokens.count)))]
        let isPending = model.pending.contains { $0.id == id }
        #expect(queue.isPending(token) == isPending)
        #expect(queue.cancel(token) == isPending)
        model.pending.removeAll { $0.id == id }
      case 6:
        // A popped key goes back: either to its place, or behind what is due at another time.
        guard queue.earliest != nil, let first = model.pop() else { continue }
        let key = queue.popKey()
        if random.next(below: 2) == 0 {
          queue.restore(key)
          model.pending.append((first.time, -1, first.id))
          // Its old order is unknown to the model only as a number: it is again the first of its time.
          if let last = model.pending.indices.last { model.pending[last].order = Int(key.sequence) }
        } else {
          queue.requeue(key, at: first.time + 1)
          model.pending.append((first.time + 1, order, first.id))
          order += 1
        }
      default:
        let expected = model.pop()
        #expect(queue.earliest == expected?.time)
        guard let expected else { continue }
        queue.take(queue.popKey())?()
        #expect(ran.last == expected.id)
      }
    }
    while let expected = model.pop() {
      #expect(queue.earliest == expected.time)
      queue.take(queue.popKey())?()
      #expect(ran.last == expected.id)
    }
    #expect(queue.earliest == nil)
  }

  @Test("a token does not cancel the event that took its slot")
  func staleToken() {
    let queue = EventQueue()
    let first = queue.schedule(at: 1, owner: nil, label: Self.label) {}
    queue.take(queue.popKey())?()
    let second = queue.schedule(at: 2, owner: nil, label: Self.label) {}
    #expect(first.slot == second.slot)
    #expect(!queue.cancel(first))
    #expect(queue.isPending(second))
  }

  @Test("cancelling the token that refers to nothing does nothing")
  func noToken() { #expect(!EventQueue().cancel(.none)) }

  @Test("cancelling frees the action at once")
  func cancelFrees() {
    final class Witness {}
    let queue = EventQueue()
    weak var witness: Witness?
    var token = EventToken.none
    do {
      let captured = Witness()
      witness = captured
      token = queue.schedule(at: 5, owner: nil, label: Self.label) { withExtendedLifetime(captured) {} }
    }
    #expect(witness != nil)
    #expect(queue.cancel(token))
    #expect(witness == nil)
  }

  @Test("cancelled events do not pile up")
  func compacts() {
    let queue = EventQueue()
    _ = queue.schedule(at: 1_000_000, owner: nil, label: Self.label) {}
    for time in 0..<10_000 as Range<Int64> {
      #expect(queue.cancel(queue.schedule(at: 2_000_000 + time, owner: nil, label: Self.label) {}))
    }
    #expect(queue.count < 200)
    #expect(queue.earliest == 1_000_000)
  }

  @Test("emptying it frees every action, even one whose end uses the queue")
  func removeAll() {
    final class Chain {
      let queue: EventQueue
      init(_ queue: EventQueue) { self.queue = queue }
      deinit { _ = queue.schedule(at: 9, owner: nil, label: EventLabel("test.late")) {} }
    }
    let queue = EventQueue()
    do {
      let chain = Chain(queue)
      _ = queue.schedule(at: 1, owner: nil, label: Self.label) { withExtendedLifetime(chain) {} }
    }
    queue.removeAll()
    #expect(queue.count == 0)
  }
}
