import TestEnvironment

/// Carries out what users do in a plan. Refusals and lost answers are results, not errors: the invariants judge them.
struct PlannedUser {
  let environment: any Environment
  let roster: SessionRoster

  /// Viewers wait so long for a picture: what I-VNC-OPEN grants, and twice that (spec/05 §1).
  private static let patience = Duration.seconds(15)

  static func name(_ index: Int) -> String { index < 9 ? "u0\(index + 1)" : "u\(index + 1)" }

  func perform(_ operation: PlannedOperation) async throws {
    let name = Self.name(operation.user)
    let replica = operation.replica.flatMap {
      environment.replicas.indices.contains($0) ? environment.replicas[$0] : nil
    }
    let client = environment.user(name)
    guard let place = operation.verb.session else {
      guard operation.verb == .create else {
        _ = try await client.list(at: replica)
        return
      }
      let answer = try await client.create(SessionRequest(), at: replica)
      if answer.isAccepted, let session = answer.session { roster.add(session, of: name) }
      return
    }
    guard let session = roster.session(place, of: name) else { return }
    switch operation.verb {
    case .stop:
      // It counts as asked to end whatever the answer: one that is lost may have had its effect.
      roster.remove(session)
      _ = try await client.stop(session, at: replica)
    case .hibernate: _ = try await client.hibernate(session, at: replica)
    case .wake: _ = try await client.wake(session, at: replica)
    case .get: _ = try await client.get(session, at: replica)
    case .view: try await look(at: session, of: name, replica)
    case .create, .list: break
    }
  }

  private func look(at session: String, of user: String, _ replica: String?) async throws {
    let viewer = try await environment.viewers(of: user).open(ViewerRequest(session, program: .probe), at: replica)
    guard viewer.facts.isOpen else { return }
    if try await viewer.waitForPicture(within: Self.patience), viewer.facts.isOpen {
      let event = try await viewer.point(x: 1, y: 1, buttons: 1)
      _ = try await viewer.inputLatency(of: event, within: Self.patience)
    }
    if viewer.facts.isOpen { try await viewer.close(abruptly: false) }
  }
}
