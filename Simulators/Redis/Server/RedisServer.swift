import SimulationRuntime
import StreamSpaceProtocol

/// A Redis server of a simulation: a process on a host that listens on its port, and the faults it can suffer.
///
/// Clients connect over the simulated network and speak RESP as ``Bytes``, or send `Frame<RESPCommandPayload>` and get
/// `Frame<RESPReplyPayload>`; the server answers in the form of the client's last payload. `redis(...)` of `spec/05 §2`
/// is ``begin(_:lasting:)``; starts, stops, crashes and pauses are those of ``process``.
package final class RedisServer {
  package let process: SimulatedProcess
  private let simulation: Simulation
  private let conditions: RedisConditions

  private static let begun = EventLabel("redis.fault.begun")
  private static let ended = EventLabel("redis.fault.ended")

  /// Adds the process; it does not run before `process.start()`.
  package init(
    _ name: String = "redis", on host: Host, of simulation: Simulation, behaviour: RedisBehaviour = RedisBehaviour()
  ) throws(SimulationError) {
    let conditions = RedisConditions(behaviour: behaviour)
    self.simulation = simulation
    self.conditions = conditions
    process = try simulation.addProcess(name, on: host) { incarnation in
      RedisProgram(incarnation, conditions: conditions)
    }
  }

  /// Where clients connect.
  package var endpoint: Endpoint { Endpoint(host: process.host.name, port: conditions.behaviour.port) }

  /// Told of everything that happens to keys, subscriptions and messages.
  package var observer: ((RedisEvent) -> Void)? {
    get { conditions.observer }
    set {
      conditions.observer = newValue
      conditions.engine?.observer = newValue
    }
  }

  /// Whether the process runs: dials are answered.
  package var isAvailable: Bool { process.isRunning }

  /// The value of a key as a client would read it; nil when it is missing, expired, not a text, or the server is down.
  package func value(of key: String, database: Int) -> String? {
    guard process.current != nil, let engine = conditions.engine else { return nil }
    return engine.peek(ByteString(key), database: database, now: serverTime)?.value.text
  }

  /// Remaining life of a key, at most a hundred years; nil when it is missing, has no expiry, or the server is down.
  package func timeToLive(of key: String, database: Int) -> TimeSpan? {
    guard process.current != nil, let engine = conditions.engine,
      let expiry = engine.peek(ByteString(key), database: database, now: serverTime)?.expiry
    else { return nil }
    return .milliseconds(min(expiry - serverTime, RedisProgram.horizon))
  }

  /// The keys that match a glob pattern, sorted; none when the server is down.
  package func keys(matching pattern: String = "*", database: Int) -> [String] {
    guard process.current != nil, let engine = conditions.engine else { return [] }
    return engine.keys(matching: pattern, database: database, now: serverTime).map(\.description)
  }

  /// Number of connections subscribed to a channel by name.
  package func subscriberCount(of channel: String) -> Int {
    process.current == nil ? 0 : conditions.engine?.subscriberCount(of: channel) ?? 0
  }

  /// Commands executed in this life.
  package var commandsProcessed: Int64 { process.current == nil ? 0 : conditions.engine?.commandsProcessed ?? 0 }

  /// Bytes of keys and values; nil: nobody counts, or the server is down.
  package var usedMemory: Int? { process.current == nil ? nil : conditions.engine?.usedMemory }

  /// Channels with a subscriber.
  package var channelCount: Int { process.current == nil ? 0 : conditions.engine?.channelCount ?? 0 }

  // MARK: Faults

  /// Stops the process at once and starts it again after the start time of its behaviour, as the platform replaces a
  /// deleted pod. What it finds then is decided by its persistence.
  package func replace() {
    process.crash()
    let stream = simulation.decisions.stream("redis.start")
    process.start(after: simulation.decisions.draw(stream, conditions.behaviour.startTime))
  }

  /// Begins a fault; it lasts until ``end(_:)`` or, with a duration, until that has passed.
  @discardableResult
  package func begin(_ fault: RedisFault, lasting duration: TimeSpan? = nil) -> FaultRecord {
    let record = simulation.faults.begin(fault.text, at: simulation.now)
    simulation.note(Self.begun, ("fault", .text(fault.text)))
    conditions.active.append(RedisConditions.Active(fault: fault, record: record))
    apply(fault, record)
    if case .evict = fault {
      end(record)
    } else if let duration {
      simulation.schedule(after: duration, Self.ended) { [self] in end(record) }
    }
    return record
  }

  /// Ends a fault; does nothing if it has ended.
  package func end(_ record: FaultRecord) {
    guard let index = conditions.active.firstIndex(where: { $0.record === record }) else { return }
    let fault = conditions.active.remove(at: index).fault
    simulation.faults.end(record, at: simulation.now)
    simulation.note(Self.ended, ("fault", .text(fault.text)))
    switch fault {
    case .frozen where conditions.first(.frozen) == nil: process.resume()
    case .loading: conditions.engine?.isLoading = conditions.first(.loading) != nil
    case .readOnly: conditions.engine?.isReadOnly = conditions.first(.readOnly) != nil
    case _ where fault.stopsProcess && conditions.stoppedBy == nil: process.start()
    default: break
    }
  }

  private func apply(_ fault: RedisFault, _ record: FaultRecord) {
    switch fault {
    case .down: stop(keepingData: nil, record)
    case .restartEmpty: stop(keepingData: false, record)
    case .restartWithData: stop(keepingData: true, record)
    case .failOver(losing: let lost):
      if process.current != nil, let engine = conditions.engine {
        let count =
          switch lost {
          case .last(let count): engine.loseWrites(last: count, now: serverTime)
          case .within(let span): engine.loseWrites(after: serverTime - span.milliseconds, now: serverTime)
          }
        touch(record, times: count)
      }
      stop(keepingData: true, record)
    case .evict(let key, let database):
      if process.current != nil, conditions.engine?.evict(ByteString(key), database: database, now: serverTime) == true
      {
        record.touch(at: simulation.now)
      }
    case .frozen:
      touch(record, times: simulation.network.openConnections(on: process.host.name))
      process.pause()
    case .loading: conditions.engine?.isLoading = true
    case .readOnly: conditions.engine?.isReadOnly = true
    case .slow, .losePubSub, .loseMessage: break
    }
  }

  /// Ends the process; every connection it had counts as an effect. A fault that keeps data cannot bring back what an
  /// earlier one, still in force, has lost.
  private func stop(keepingData: Bool?, _ record: FaultRecord) {
    touch(record, times: simulation.network.openConnections(on: process.host.name))
    process.crash()
    if let keepingData { conditions.nextStartKeepsData = keepingData && conditions.nextStartKeepsData != false }
  }

  private func touch(_ record: FaultRecord, times: Int) {
    for _ in 0..<times { record.touch(at: simulation.now) }
  }

  private var serverTime: Int64 { process.host.localTime.unixMilliseconds }
}

extension Instant {
  /// Milliseconds since 1970-01-01T00:00:00Z, rounded down.
  var unixMilliseconds: Int64 {
    Epoch.unixSeconds * 1_000 + Int64((nanoseconds - (nanoseconds < 0 ? 999_999 : 0)) / 1_000_000)
  }
}
