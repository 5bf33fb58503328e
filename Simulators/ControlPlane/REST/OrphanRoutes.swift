import StreamSpaceProtocol

/// Workloads without a row, for administrators: the list, and the end of one (DBM-16).
final class OrphanRoutes {
  private unowned let replica: Replica
  private let authenticator: Authenticator
  private let removal: OrphanRemoval

  init(_ replica: Replica, _ authenticator: Authenticator, _ removal: OrphanRemoval) {
    self.replica = replica
    self.authenticator = authenticator
    self.removal = removal
  }

  func install() {
    let base = "/api/v1/admin/orphans"
    replica.router.on(.get, base) { [unowned self] exchange in
      authenticator.authenticate(exchange, role: .admin) { [unowned self] _ in list(exchange) }
    }
    replica.router.on(.delete, base + "/:session_id") { [unowned self] exchange in
      authenticator.authenticate(exchange, role: .admin) { [unowned self] _ in remove(exchange) }
    }
  }

  private func list(_ exchange: HTTPExchange) {
    replica.database.execute(OrphanStatements.list) { result in
      do {
        exchange.answer(.ok, OrphanListAnswer(orphans: try result.get().rows.map { try Orphan(row: $0) }))
      } catch {
        exchange.answer(.failure(error, "Failed to list orphans"))
      }
    }
  }

  private func remove(_ exchange: HTTPExchange) {
    let session = exchange[parameter: "session_id"]
    replica.database.execute(OrphanStatements.ofSession, [.text(session)]) { [self] result in
      do {
        let orphans = try result.get().rows.map { try Orphan(row: $0) }
        guard !orphans.isEmpty else {
          return exchange.answer(Refusal(.notFound, ErrorBody("Orphan not found")))
        }
        removal.remove(orphans[...]) { result in
          switch result {
          case .success: exchange.answer(.accepted, MessageAnswer("Orphan is being removed"))
          case .failure(let error): exchange.answer(.failure(error, "Failed to remove orphan"))
          }
        }
      } catch {
        exchange.answer(.failure(error, "Failed to remove orphan"))
      }
    }
  }
}

/// 200 of `GET /api/v1/admin/orphans`.
private struct OrphanListAnswer: WireEncodable {
  let orphans: [Orphan]

  var json: JSONValue {
    var object = JSONObject(reserving: 2)
    object.add(
      "orphans",
      JSONValue.array(
        orphans.map { orphan in
          var item = JSONObject(reserving: 3)
          item.add("sessionId", orphan.session)
          item.add("agentId", orphan.agent)
          item.add("foundAt", Timestamp(microseconds: orphan.foundAt))
          return .object(item)
        }))
    object.add("total", orphans.count)
    return .object(object)
  }
}
