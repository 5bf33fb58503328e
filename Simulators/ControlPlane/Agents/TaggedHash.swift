import StreamSpaceProtocol

/// The hashes of keys and passwords in a simulated database: a tagged SHA-256 instead of bcrypt, whose cost is spent as
/// virtual time alone (C37, ``KeyCheckCore``).
package enum TaggedHash {
  /// What `agents.api_key_hash` holds for an agent's key.
  package static func ofAgentKey(_ key: String) -> String { "simulated-bcrypt-12$" + SHA256.hex(key) }

  /// What `users.password_hash` holds for a password.
  package static func ofPassword(_ password: String) -> String { "simulated-bcrypt-10$" + SHA256.hex(password) }
}
