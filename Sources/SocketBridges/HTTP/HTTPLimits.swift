import SimulationRuntime

/// What a client of an ``HTTPGateway`` may ask for (`spec/08 §5`).
package struct HTTPLimits: Sendable {
  /// Request line and header fields, with the empty line; more is answered 431.
  package var headBytes = 16 << 10
  /// From the connection's start, or the first byte of a later request, to the end of its head; then the connection is
  /// ended with 408.
  package var headTime = TimeSpan.seconds(10)
  /// More is answered 413.
  package var bodyBytes = 10 << 20
  /// Bytes that wait for one socket before whoever sends to it is told to stop.
  package var writeQueue = 1 << 20
  /// How long a connection may stay open between two requests. Of our own making: longer than the 90 s of Go's client.
  package var idleTime = TimeSpan.seconds(120)
  /// How long the end of a connection waits for the client to read the last answer. Of our own making.
  package var lingerTime = TimeSpan.seconds(1)
  /// How long a WebSocket waits for the answer to its close frame. Of our own making.
  package var closeTime = TimeSpan.seconds(2)

  package init() {}
}
