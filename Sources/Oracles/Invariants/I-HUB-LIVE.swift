import TestEnvironment

/// I-HUB-LIVE: the hub of a replica always serves registers and unregisters (C4).
final class HubLiveInvariant: Invariant {
  static let id = "I-HUB-LIVE"
  static let statement =
    "Each replica's hub serves a queued register or unregister within 5 s, always; a replica never exits except by "
    + "injected kill."
  static let kinds: [ObservationKind] = [.hubQueued, .hubServed, .processEnded, .processResumed]

  private struct Ticket: Hashable {
    var replica: String
    var number: Int
  }

  var docket = Docket()
  /// Events in the queue of each hub, oldest first.
  private var queues: [String: [(ticket: Ticket, event: TimedObservation)]] = [:]
  private var deadlines = Deadlines<Ticket>()
  private var tickets = 0

  var nextDeadline: Duration? { deadlines.earliest }

  func observe(_ event: TimedObservation, in situation: Situation) {
    let limit = situation.timing.hubService
    switch event.observation {
    case .hubQueued(let replica):
      let ticket = Ticket(replica: replica, number: tickets)
      tickets += 1
      queues[replica, default: []].append((ticket, event))
      deadlines.set(ticket, event.time + limit)
    case .hubServed(let replica, let wait): served(replica, after: wait, by: event, in: situation)
    case .processResumed(let replica):
      for entry in queues[replica] ?? [] { deadlines.set(entry.ticket, event.time + limit) }
    case .processEnded(let process, let reason, let injected):
      for entry in queues.removeValue(forKey: process) ?? [] { deadlines.clear(entry.ticket) }
      guard situation.isReplica(process) else { return }
      docket.checks += 1
      if !injected, !process.isNameless(in: situation) {
        violate(
          "a replica never exits by itself", "replica \(process) ended without an injected kill: \(reason)",
          at: event.time, by: event, about: [.process(process)], excuses: ["no stop or kill was injected"],
          in: situation)
      }
    default: break
    }
  }

  private func served(_ replica: String, after wait: Duration, by event: TimedObservation, in situation: Situation) {
    let queue = queues[replica] ?? []
    // Register and unregister are separate queues: the one that waited so long need not be the oldest.
    if let place = queue.firstIndex(where: { $0.event.time == event.time - wait }) ?? queue.indices.first {
      deadlines.clear(queue[place].ticket)
      queues[replica]?.remove(at: place)
    }
    if wait > situation.timing.hubService, situation.wasPaused(replica, since: event.time - wait) {
      docket.excused += 1
      return
    }
    docket.checks += 1
    guard wait > situation.timing.hubService, docket.reported.insert("\(replica) \(event.time - wait)").inserted
    else { return }
    violate(
      "served within 5 s", "the hub of \(replica) served an event only after \(wait.text)",
      at: event.time - wait + situation.timing.hubService, by: event, about: [.process(replica), .redis],
      excuses: ["\(replica) was not paused meanwhile"], in: situation)
  }

  func expire(before time: Duration, in situation: Situation) {
    for (ticket, due) in deadlines.expire(before: time) {
      guard let entry = queues[ticket.replica]?.first(where: { $0.ticket == ticket }) else { continue }
      if situation.isPaused(ticket.replica) {
        docket.excused += 1  // Judged again when it is resumed.
        continue
      }
      docket.checks += 1
      docket.reported.insert("\(ticket.replica) \(entry.event.time)")
      violate(
        "served within 5 s",
        "the hub of \(ticket.replica) has not served the event queued at \(entry.event.time.text) by \(due.text)",
        at: due, by: entry.event, about: [.process(ticket.replica), .redis],
        excuses: ["\(ticket.replica) runs and is not paused"], in: situation)
    }
  }

  func finish(at time: Duration, in situation: Situation) {
    docket.notJudged += deadlines.count
  }
}

extension String {
  /// A replica without POD_NAME refuses to start (C8): its exit is what the contract wants.
  func isNameless(in situation: Situation) -> Bool {
    guard let place = situation.context.replicas.firstIndex(of: self) else { return false }
    return situation.context.topology.namelessReplicas.contains(place)
  }
}
