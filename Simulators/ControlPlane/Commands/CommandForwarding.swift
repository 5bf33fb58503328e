import StreamSpaceProtocol

/// Commands for agents of other replicas, over the agents' routes (spec/01 §2.2; C3, C10).
extension CommandDispatcher {
  /// Pending rows that are forwarded at a time.
  private static let forwardLimit: Int64 = 8

  /// Publishes a command for the replica that holds the agent. This replica writes nothing: the row stays `pending`
  /// until the holder has put it on the socket.
  func forward(_ command: AgentCommand, agentID: String, to pod: String) {
    guard let routes = replica.hub.routes else { return }
    let envelope = ServerEnvelope(at: replica.clock.now, .command(command))
    routes.publish(RoutedCommand(agentID: agentID, envelope: envelope), to: pod) { [unowned self] receivers in
      guard let receivers else { return }
      replica.tell(
        .commandForwarded(commandID: command.commandID, agentID: agentID, pod: pod, receivers: receivers))
      let countsAsSent =
        policies.unheardPublish == .countsAsSent || (policies.forwardedDelivery == .relaysFrame && receivers > 0)
      if countsAsSent { noteSent(command.commandID) }
    }
  }

  /// Publishes what waits for an agent of another replica.
  func forwardPending(_ agentID: String) {
    replica.database.execute(CommandStatements.pendingOf, [.text(agentID), .integer(Self.forwardLimit)]) {
      [unowned self] result in
      guard case .success(let result) = result else { return }
      for pending in PendingCommand.rows(of: result) { commandCommitted(pending.command, agentID: agentID) }
    }
  }

  /// A message came over this replica's channel.
  func receive(_ payload: [UInt8]) {
    guard let routed = try? RoutedCommand(decoding: payload) else { return }
    replica.hub.loop.read { [unowned self] in
      guard let connection = replica.hub.connection(of: routed.agentID) else { return }
      let envelope = try? routed.envelope()
      switch policies.forwardedDelivery {
      case .claimsRow:
        switch envelope?.message {
        case .command(let command)?: dispatch(connection, .committed([command.commandID]), isForwarded: true)
        case .unknown(AgentHub.superseded, _)?: replica.hub.checkOwnership(routed.agentID)
        default: break
        }
      case .relaysFrame:
        // Any text is handed on; a full buffer drops it without a word.
        let frame = envelope.map { AgentSocketFrame.fromServer([$0]) } ?? .text(Array(routed.message.utf8))
        _ = connection.sendRaw(frame)
      }
    }
  }

  /// Nobody knows the agent: the row fails for good (B-14).
  func failAtOnce(_ commandID: String) {
    replica.database.execute(
      CommandStatements.failAtOnce, [.text(commandID), .text(CommandFailureReason.absent)]
    ) { _ in }
  }

  /// What a starting replica does with pending rows: nothing, unless a policy says so (B-15, B-16).
  func startUp() {
    guard policies.startUp != .nothing else { return }
    replica.database.execute(CommandStatements.allPending) { [unowned self] result in
      guard case .success(let result) = result else { return }
      for loaded in LoadedCommand.rows(of: result, policies.pendingScan) {
        if let agentID = loaded.agentID { replay(loaded.command, agentID: agentID) }
      }
    }
  }

  private func replay(_ command: AgentCommand, agentID: String) {
    replica.hub.locate(agentID) { [unowned self] presence in
      switch (presence, policies.startUp) {
      case (.nowhere, .failsAll): failAtOnce(command.commandID)
      case (.here(let connection), .sendsUnclaimed):
        guard connection.send(.command(command), at: replica.clock.now) else { return }
        noteSent(command.commandID)
      case (.elsewhere(let pod), .sendsUnclaimed): forward(command, agentID: agentID, to: pod)
      default: break
      }
    }
  }
}
