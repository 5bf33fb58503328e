import SimulationRuntime
import StreamSpaceProtocol

/// One life of the server: an engine between sockets.
final class RedisProgram: Program {
  let incarnation: Incarnation
  let conditions: RedisConditions
  private let engine: RedisEngine
  private var links: [ConnectionID: RedisLink] = [:]
  /// Links that got something during the present event.
  private var touched: [RedisLink] = []
  private var collection = EventToken.none
  /// Server time for which the collection is set.
  private var collectionDue = Int64.max

  /// A hundred years in milliseconds: as a span of time it still fits.
  static let horizon: Int64 = 3_155_760_000_000
  private static let collecting = EventLabel("redis.expire")
  private static let loaded = EventLabel("redis.loaded")

  init(_ incarnation: Incarnation, conditions: RedisConditions) {
    self.incarnation = incarnation
    self.conditions = conditions
    engine = conditions.startEngine(now: incarnation.now.unixMilliseconds)
  }

  func start() {
    let loading = conditions.behaviour.loadingTime
    if loading > .zero, engine.keyCount > 0 {
      engine.isLoading = true
      incarnation.after(loading, Self.loaded) { [unowned self] in
        engine.isLoading = conditions.first(.loading) != nil
      }
    }
    incarnation.simulation.network.listen(incarnation, port: conditions.behaviour.port) { [unowned self] in
      accept($0)
    }
    armCollection()
  }

  func terminate() { incarnation.exit("terminated") }

  // MARK: Connections

  private func accept(_ call: IncomingCall) {
    guard let socket = call.accept() else { return }
    let address = "\(socket.remoteHost):\(socket.connection)"
    do throws(RedisError) {
      let id = try engine.open(address: address, now: now)
      let link = RedisLink(socket, id: id, program: self)
      links[id] = link
      socket.onReceive = { [unowned self, unowned link] in receive($0, from: id, over: link) }
      socket.onClose = { [unowned self] _ in
        links[id] = nil
        engine.close(id, now: now)
      }
    } catch {
      socket.send(Bytes(error.reply.encoded(in: .two)))
      socket.close()
    }
  }

  private func receive(_ payload: any Payload, from id: ConnectionID, over link: RedisLink) {
    if let frame = payload as? Frame<RESPCommandPayload> {
      link.form = .frames
      let reply = engine.execute(frame.value.arguments, on: id, now: now)
      for message in engine.takeMessages() { deliver(message.value, message.version, to: message.connection) }
      if let reply { deliver(reply, engine.version(of: id), to: id) }
    } else if let bytes = payload as? Bytes {
      link.form = .bytes
      engine.receive(bytes.bytes, from: id, now: now) { connection, value, version in
        deliver(value, version, to: connection.id)
      }
    }
    for link in touched { link.flush() }
    touched.removeAll(keepingCapacity: true)
    for closed in engine.takeClosed() { links.removeValue(forKey: closed)?.finish() }
    armCollection()
  }

  /// Ends a connection whose peer does not read.
  func drop(_ link: RedisLink) {
    links[link.id] = nil
    engine.close(link.id, now: now)
  }

  private func deliver(_ value: RESPValue, _ version: RESPVersion, to id: ConnectionID) {
    guard let link = links[id] else { return }
    if value.isPublication, let record = conditions.faultOnMessage() {
      record.touch(at: incarnation.simulation.now)
      return
    }
    noteRefusal(value)
    if !link.hasOutput { touched.append(link) }
    link.deliver(value, version)
  }

  /// Counts the replies that a fault has made errors.
  private func noteRefusal(_ value: RESPValue) {
    guard case .error(let text) = value else { return }
    let fault: RedisFault? =
      text == RedisError.loading.text ? .loading : text == RedisError.readOnly.text ? .readOnly : nil
    if let fault, let record = conditions.first(fault) { record.touch(at: incarnation.simulation.now) }
  }

  // MARK: Expired keys nobody asks for

  /// Sets the timer of the collection to the first period that ends after the earliest expiry. No key, no timer: an
  /// idle server costs nothing.
  private func armCollection() {
    guard let first = engine.earliestExpiry else { return }
    // Clients may give any time that 64 bits hold; what is further away than this is looked at again then.
    let earliest = min(first, now + Self.horizon)
    let period = max(1, conditions.behaviour.collectionPeriod.milliseconds)
    let due = (earliest / period + 1) * period
    guard due < collectionDue else { return }
    incarnation.cancel(collection)
    collectionDue = due
    collection = incarnation.after(.milliseconds(max(0, collectionDue - now)), Self.collecting) { [unowned self] in
      collectionDue = .max
      engine.collectExpired(now: now)
      armCollection()
    }
  }

  private var now: Int64 { incarnation.now.unixMilliseconds }
}

extension RESPValue {
  /// Whether this is a message of pub/sub, not a confirmation and not a reply.
  fileprivate var isPublication: Bool {
    guard case .push(let elements) = self, let kind = elements.first?.text else { return false }
    return kind == "message" || kind == "pmessage"
  }
}
