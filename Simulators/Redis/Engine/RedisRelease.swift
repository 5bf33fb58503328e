/// The release of Redis whose answers are given where releases differ.
package enum RedisRelease: Sendable, CaseIterable {
  /// 7.0: knows no `CLIENT SETINFO`.
  case redis70
  /// 7.2: accepts `CLIENT SETINFO` (`spec/04 §3.2`).
  case redis72

  /// The version as `HELLO` and `INFO` report it.
  package var versionText: String {
    switch self {
    case .redis70: "7.0.15"
    case .redis72: "7.2.4"
    }
  }
}
