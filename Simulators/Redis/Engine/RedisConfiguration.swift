import StreamSpaceProtocol

/// The settings of a server.
package struct RedisConfiguration: Sendable {
  /// The release whose answers are given where releases differ. `spec/04 §3.2` asks for those of 7.2.
  package var release: RedisRelease = .redis72
  /// The password of the default user; nil: none needed.
  package var password: String?
  /// Number of databases (Redis: 16).
  package var databases = 16
  /// Most clients at a time (Redis: 10 000, `spec/04 §3.3`).
  package var maximumClients = 10_000
  /// Number of writes a fail-over can lose.
  package var rememberedWrites = 1_024
  /// The bounds of requests.
  package var limits = RESPLimits()
  /// Port reported by `INFO`.
  package var port = 6_379

  /// `maxmemory` in bytes, counted as ``RedisEngine/usedMemory``; nil: no limit.
  package var maximumMemory: Int?
  /// `maxmemory-policy`: what goes when a write passes the limit.
  package var eviction = EvictionPolicy.volatileTTL

  package init() {}
}
