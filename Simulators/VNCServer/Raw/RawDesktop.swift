import SimulationRuntime

/// A desktop without RFB, for cases about bytes (template `vnc-raw`): it sends back what it is sent, and can offer bytes of
/// its own.
///
/// It reads no further while a client does not take what it was sent, so it never holds more than one payload of each.
package final class RawDesktop: Program {
  /// One client.
  private final class Client {
    let stream: DesktopStream
    /// Bytes of the flood that were offered so far.
    var offered = 0
    /// Bytes of the flood that the time for has come and that did not fit.
    var owed = 0

    init(_ stream: DesktopStream) { self.stream = stream }
  }

  private let incarnation: Incarnation
  private let port: Int
  private let seed: UInt64
  /// Told of everything that happens, with the time of the run.
  package var observer: ((VNCServerEvent, Instant) -> Void)?
  private var clients: [Client] = []
  private var readLimit: Int?
  private var readPause = DesktopStream.standardReadPause
  private var flood: Ticker?
  private var floodEnd = Instant.start
  private var bytesPerSecond = 0
  private var floodSteps = 0

  /// From one offer of a flood to the next.
  private static let floodStep = TimeSpan.milliseconds(10)
  /// What of a flood did not fit is owed up to this; the rest is not offered.
  private static let mostOwed = 1 << 20
  private static let floodLabel = EventLabel("vnc.raw.flood")

  /// `seed`: decides the bytes that it offers.
  package init(
    _ incarnation: Incarnation, port: Int = 5_900, seed: UInt64 = 0,
    observer: ((VNCServerEvent, Instant) -> Void)? = nil
  ) {
    self.incarnation = incarnation
    self.port = port
    self.seed = seed
    self.observer = observer
  }

  package func start() {
    incarnation.simulation.network.listen(incarnation, port: port) { [unowned self] call in accept(call) }
  }

  package func terminate() {
    for client in clients {
      client.stream.close()
      tell(.closed(connection: client.stream.connection, reason: "server ends"))
    }
    clients.removeAll()
    incarnation.exit("terminated")
  }

  private func tell(_ event: VNCServerEvent) { observer?(event, incarnation.simulation.now) }

  // MARK: What the environment asks of it

  /// From now on a read of a client's stream takes at most so many bytes, and the next one follows after `pause`; nil: as
  /// many as came.
  package func shortWrites(_ limit: Int?, pause: TimeSpan = .microseconds(100)) {
    readLimit = limit.map { max(1, $0) }
    readPause = max(.nanoseconds(1), pause)
    for client in clients { limitReads(client) }
  }

  private func limitReads(_ client: Client) {
    client.stream.readLimit = readLimit
    client.stream.readPause = readPause
  }

  /// Offers each client so many bytes a second for that long; what a client does not take in time is offered later, up
  /// to 1 MiB.
  package func flood(bytesPerSecond: Int, for span: TimeSpan) {
    self.bytesPerSecond = max(0, bytesPerSecond)
    floodSteps = 0
    floodEnd = incarnation.monotonicNow + span
    guard flood == nil else { return }
    flood = incarnation.every(Self.floodStep, Self.floodLabel) { [unowned self] in offer() }
  }

  /// Offers each client an update of `size` bytes at a time, so that it comes to so many bytes a second, for that long.
  package func updates(of size: Int, bytesPerSecond: Int, for span: TimeSpan) {
    guard size > 0, bytesPerSecond > 0 else { return }
    floodEnd = incarnation.monotonicNow + span
    flood?.stop()
    let period = TimeSpan.nanoseconds(Int64(size) * 1_000_000_000 / Int64(bytesPerSecond))
    flood = incarnation.every(period, Self.floodLabel) { [unowned self] in offer(size) }
  }

  /// The first `count` bytes that a flood offers, the same to each client.
  package func floodBytes(_ count: Int) -> [UInt8] { Noise.bytes(seed, from: 0, count: count) }

  private func offer() {
    // Hundredths of a second, so that every rate comes out whole.
    let due = bytesPerSecond * (floodSteps + 1) / 100 - bytesPerSecond * floodSteps / 100
    floodSteps += 1
    offer(due)
  }

  private func offer(_ due: Int) {
    for client in clients {
      client.owed = min(client.owed + due, Self.mostOwed)
      pay(client)
    }
    guard incarnation.monotonicNow >= floodEnd else { return }
    flood?.stop()
    flood = nil
  }

  /// Sends what is owed while the client takes it.
  private func pay(_ client: Client) {
    while client.owed > 0, client.stream.hasRoom {
      let count = min(client.owed, DesktopStream.piece)
      client.owed -= count
      let bytes = Noise.bytes(seed, from: client.offered, count: count)
      client.offered += count
      client.stream.write(bytes)
    }
  }

  // MARK: Clients

  private func accept(_ call: IncomingCall) {
    guard let socket = call.accept() else { return }
    let client = Client(DesktopStream(socket, of: incarnation))
    let number = socket.connection
    limitReads(client)
    client.stream.onWrote = { [unowned self] in tell(.wrote(connection: number, bytes: $0)) }
    client.stream.onBytes = { [unowned self, unowned client] bytes in
      tell(.read(connection: number, bytes: bytes))
      client.stream.write(bytes)
      if !client.stream.hasRoom { client.stream.pauseReading() }
    }
    client.stream.onRoom = { [unowned self, unowned client] in
      pay(client)
      if client.stream.hasRoom { client.stream.resumeReading() }
    }
    client.stream.onEnd = { [unowned self, unowned client] reason in
      clients.removeAll { $0 === client }
      tell(.closed(connection: number, reason: reason))
    }
    clients.append(client)
    tell(.opened(connection: number))
  }
}
