import SimulationRuntime
import TestEnvironment

/// The input events of one viewer: numbered as they are written, given a serial by the desktop, shown by the marker.
struct ViewerLatencies {
  private struct Input {
    let written: Instant
    /// The desktop's serial; nil: it has not arrived.
    var serial: Int?
    var latency: Duration?
  }

  private var inputs: [Input] = []
  /// Input events that have arrived at the desktop, and those of them that the marker has shown.
  private var arrived = 0
  private var shown = 0
  private(set) var all: [Duration] = []
  /// From the write of a key event to its receipt.
  private(set) var keys: [Duration] = []

  /// An input event is written; its number, from 1.
  mutating func written(at time: Instant) -> Int {
    inputs.append(Input(written: time))
    return inputs.count
  }

  /// The desktop took the next of them.
  mutating func arrived(serial: Int, isKey: Bool, at time: Instant) {
    guard arrived < inputs.count else { return }
    inputs[arrived].serial = serial
    if isKey { keys.append(Duration(time - inputs[arrived].written)) }
    arrived += 1
  }

  /// An update was decoded whose marker shows `serial`: that event, and those before it.
  mutating func decoded(marker serial: Int, at time: Instant) {
    while shown < arrived, let own = inputs[shown].serial, own & 0xff_ffff <= serial {
      let latency = Duration(time - inputs[shown].written)
      inputs[shown].latency = latency
      all.append(latency)
      shown += 1
    }
  }

  /// The latency of the event of that number; nil: it has not shown.
  func latency(of number: Int) -> Duration? {
    inputs.indices.contains(number - 1) ? inputs[number - 1].latency : nil
  }
}
