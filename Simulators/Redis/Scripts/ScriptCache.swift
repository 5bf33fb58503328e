import StreamSpaceProtocol

/// The scripts a server has seen, by digest. Lost with every restart.
struct ScriptCache {
  private var programs: [String: ScriptProgram] = [:]

  subscript(digest: String) -> ScriptProgram? { programs[digest] }

  /// Reads a body and keeps it.
  mutating func load(_ body: [UInt8]) throws(ScriptRefusal) -> (digest: String, program: ScriptProgram) {
    let digest = ScriptDigest.of(body)
    if let known = programs[digest] { return (digest, known) }
    let program = try ScriptProgram(body)
    programs[digest] = program
    return (digest, program)
  }

  mutating func removeAll() { programs = [:] }
}
