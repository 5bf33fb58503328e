import RemoteFramebuffer
import SimulationRuntime
import StreamSpaceProtocol
import TestEnvironment

/// One viewer of a user, from its request to its end.
///
/// Unchecked: used by case bodies, which all run on the simulation's thread; the case layer traps anything else.
final class SimulatedViewer: @unchecked Sendable {
  let number: Int
  let request: ViewerRequest
  private let desk: ViewerDesk
  private let incarnation: Incarnation
  private(set) var status: Int?
  private(set) var edge: String?
  private var seen: ViewerFacts
  private var latencies = ViewerLatencies()
  private var connection: ViewerConnection?
  private var compared: ComparedViewer?
  private var desktop: DesktopProgram?
  private var raw: RawProgram?
  private var waits: [Wait] = []

  private struct Wait {
    let handle: WaitHandle<Bool>
    let timer: EventToken
    /// Nil: it is not decided.
    let answer: () -> Bool?
  }

  private static let patience = EventLabel("viewer.wait")

  init(_ request: ViewerRequest, _ user: String, _ desk: ViewerDesk, _ incarnation: Incarnation) {
    self.request = request
    self.desk = desk
    self.incarnation = incarnation
    number = desk.number()
    seen = ViewerFacts(opened: Duration(desk.simulation.now))
    desk.recorder.add(.viewerAsked(viewer: number, session: request.session, user: user))
  }

  var session: String { request.session }
  private var simulation: Simulation { desk.simulation }
  private var now: Duration { Duration(simulation.now) }

  var facts: ViewerFacts {
    var facts = seen
    facts.bytesReceived = connection?.bytesReceived ?? 0
    facts.bytesSent = connection?.bytesSent ?? 0
    facts.inputLatencies = latencies.all
    facts.keyLatencies = latencies.keys
    facts.receivedDigest = raw?.receivedDigest
    facts.sentDigest = raw?.sentDigest
    return facts
  }

  // MARK: Beginning

  /// Its request was answered, or nobody answers.
  func answered(_ outcome: CallOutcome, isDirect: Bool) {
    switch outcome {
    case .connected(let socket): begin(socket, isDirect: isDirect)
    case .reply(let payload): refused((payload as? Frame<HTTPResponse>)?.value)
    case .refused, .reset, .timedOut: refused(nil)
    }
    desk.recorder.add(.viewerAnswered(viewer: number, session: session, status: status, edge: edge))
  }

  private func refused(_ response: HTTPResponse?) {
    status = response.map { Int($0.status.rawValue) }
    seen.error = response.flatMap { try? $0.body.json() }?["error"]?.text
    seen.ended = now
  }

  private func begin(_ socket: Socket, isDirect: Bool) {
    status = Int(HTTPStatus.switchingProtocols.rawValue)
    edge = socket.remoteHost
    if !isDirect { socket.setLatency(LatencyProfile.viewer) }
    seen.steps.append(ViewerStep("upgrade", at: now))
    let connection = ViewerConnection(socket, isBinary: request.isBinary, of: incarnation)
    let compared = ComparedViewer(number: number, session: session, connection: socket.connection)
    compared.onInput = { [weak self] serial, isKey in
      guard let self else { return }
      latencies.arrived(serial: serial, isKey: isKey, at: simulation.now)
    }
    self.connection = connection
    self.compared = compared
    desk.comparison.opened(compared)
    desk.opened(self)
    let program = program(connection, compared)
    connection.onBytes = { [unowned self] bytes in
      desk.comparison.received(bytes, by: compared)
      program.receive(bytes)
    }
    connection.onEnd = { [weak self] in self?.ended($0) }
  }

  private func program(_ connection: ViewerConnection, _ compared: ComparedViewer) -> any StreamProgram {
    let comparison = desk.comparison
    if request.program == .raw {
      let program = RawProgram(
        connection, note: { comparison.sent($0, by: compared) }, tell: { [unowned self] in bytesCame() })
      raw = program
      return program
    }
    let program = DesktopProgram(
      request.program,
      send: { [unowned connection] bytes in
        comparison.sent(bytes, by: compared)
        connection.send(bytes)
      }, tell: { [unowned self] in happened($0) })
    desktop = program
    return program
  }

  // MARK: What happens

  private func happened(_ event: DesktopProgram.Event) {
    switch event {
    case .step(let name): seen.steps.append(ViewerStep(name, at: now))
    case .picture:
      seen.picture = now
      desk.recorder.add(.viewerPicture(viewer: number, session: session))
    case .updated(let marker, let hasVideo):
      seen.updates += 1
      if hasVideo { seen.videoFrames.append(now) }
      if let compared, let written = desk.comparison.takeUpdate(for: compared) {
        seen.updateLatencies.append(Duration(simulation.now - written))
      }
      latencies.decoded(marker: marker, at: simulation.now)
    case .failed(let error):
      // What came is no RFB: the viewer gives up, and not because it wants to.
      seen.error = error
      connection?.leave(abruptly: true)
    }
    decideWaits()
  }

  private func bytesCame() {
    if seen.picture == nil {
      seen.picture = now
      seen.steps.append(ViewerStep("picture", at: now))
      desk.recorder.add(.viewerPicture(viewer: number, session: session))
    }
    decideWaits()
  }

  private func ended(_ end: ViewerConnection.End) {
    seen.ended = now
    seen.closeCode = end.code
    seen.closeReason = end.reason
    desk.ended(self)
    desk.recorder.add(
      .viewerEnded(viewer: number, session: session, code: end.code, byItself: end.isOwn && seen.error == nil))
    if let compared {
      let isLost =
        !end.isOwn && (end.code == nil || end.code == Int(WebSocketCloseCode.agentLost.rawValue))
        || !(edge.flatMap { simulation.process($0) }?.isRunning ?? true)
      if !isLost { desk.comparison.judgeWaiting(compared) }
      desk.comparison.ended(compared)
    }
    decideWaits()
  }

  func leave(abruptly: Bool) { connection?.leave(abruptly: abruptly) }

  // MARK: Waiting

  /// Suspends the case until `answer` is given; false when `limit` passed first.
  private func wait(_ label: String, within limit: Duration, _ answer: @escaping () -> Bool?) async throws -> Bool {
    try await simulation.cases.wait("\(label) of viewer \(number)") { [self] (handle: WaitHandle<Bool>) in
      if let value = answer() { return handle.succeed(value) }
      let timer = simulation.schedule(after: TimeSpan(limit), Self.patience) { [weak self] in
        self?.waits.removeAll { $0.handle === handle }
        handle.succeed(answer() ?? false)
      }
      handle.onCancel = { [weak self] in
        self?.simulation.cancel(timer)
        self?.waits.removeAll { $0.handle === handle }
      }
      waits.append(Wait(handle: handle, timer: timer, answer: answer))
    }
  }

  private func decideWaits() {
    guard !waits.isEmpty else { return }
    var open: [Wait] = []
    var decided: [(Wait, Bool)] = []
    for wait in waits {
      if let value = wait.answer() { decided.append((wait, value)) } else { open.append(wait) }
    }
    waits = open
    for (wait, value) in decided {
      simulation.cancel(wait.timer)
      wait.handle.succeed(value)
    }
  }

  /// Does something with the connection in the kernel.
  private func act<T: Sendable>(_ body: @escaping () throws -> T) async throws -> T {
    try await simulation.cases.perform { _ in try body() }
  }
}

// MARK: - For cases

extension SimulatedViewer: Viewer {
  func waitForPicture(within limit: Duration) async throws -> Bool {
    try await wait("picture", within: limit) { [self] in
      seen.picture != nil ? true : seen.isOpen ? nil : false
    }
  }

  func waitForEnd(within limit: Duration) async throws -> Bool {
    try await wait("end", within: limit) { [self] in seen.isOpen ? nil : true }
  }

  func point(x: Int, y: Int, buttons: Int) async throws -> Int {
    try await act { [self] in
      let program = try rfb()
      let event = latencies.written(at: simulation.now)
      program.point(x: x, y: y, buttons: buttons)
      return event
    }
  }

  func type(keysym: Int) async throws -> Int {
    try await act { [self] in
      let program = try rfb()
      let press = latencies.written(at: simulation.now)
      _ = latencies.written(at: simulation.now)
      program.type(keysym)
      return press
    }
  }

  func inputLatency(of number: Int, within limit: Duration) async throws -> Duration? {
    _ = try await wait("input \(number)", within: limit) { [self] in
      latencies.latency(of: number) != nil ? true : seen.isOpen ? nil : false
    }
    return latencies.latency(of: number)
  }

  func send(count: Int, seed: UInt64, split: StreamSplit) async throws {
    let batch = try await act { [self] in
      guard let raw else { throw EnvironmentError("viewer \(number) has no raw stream") }
      return raw.send(count, seed: seed, split)
    }
    // A day: as long as any run.
    _ = try await wait("bytes", within: .seconds(86_400)) { [self] in
      (raw?.finishedBatches ?? 0) >= batch || !seen.isOpen ? true : nil
    }
  }

  func waitForBytes(_ count: Int, within limit: Duration) async throws -> Bool {
    try await wait("bytes", within: limit) { [self] in
      (connection?.bytesReceived ?? 0) >= count ? true : seen.isOpen ? nil : false
    }
  }

  func limitReading(to bytesPerSecond: Int?) async throws {
    try await act { [self] in
      compared?.readsFreely = false
      connection?.limitReading(to: bytesPerSecond)
    }
  }

  func pauseRequests(_ isPaused: Bool) async throws {
    try await act { [self] in try rfb().pause(isPaused) }
  }

  func compare() async throws -> PictureComparison {
    try await act { [self] in
      let picture = try rfb().framebuffer
      guard let original = try desk.desktops.picture(of: session) else {
        throw EnvironmentError("\(session) has no desktop")
      }
      return PictureComparison(
        viewerDigest: picture.digest, desktopDigest: original.digest,
        difference: picture.difference(from: original)?.description)
    }
  }

  func screenshot() async throws -> [UInt8] {
    try await act { [self] in PNGImage.encode(try rfb().framebuffer) }
  }

  func close(abruptly: Bool) async throws {
    try await act { [self] in leave(abruptly: abruptly) }
  }

  private func rfb() throws -> DesktopProgram {
    guard let desktop else { throw EnvironmentError("viewer \(number) has no RFB stream") }
    return desktop
  }
}
