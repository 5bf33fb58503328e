/// The two versions of the Redis protocol. A connection starts at `two` and changes with `HELLO` (`spec/04 §3.2`).
package enum RESPVersion: Int, Sendable, CaseIterable {
  case two = 2
  case three = 3
}
