import TestEnvironment

/// Which kinds of faults hold at a moment of a run, as a digest that features are combined with.
struct ActiveFaults {
  /// Kinds with how many of each hold, ordered by kind.
  private var kinds: [(kind: UInt64, count: Int)] = []
  /// The digest of the kinds that hold, however many there are of each; 0: none.
  private(set) var digest: UInt64 = 0

  var isEmpty: Bool { kinds.isEmpty }

  mutating func follow(_ observation: Observation) {
    switch observation {
    case .faultBegan(let name, _): add(Self.kind(ofFault: name))
    case .faultEnded(let name): remove(Self.kind(ofFault: name))
    case .processEnded(let process, _, _): add(Self.kind(ofDead: process))
    case .processStarted(let process): remove(Self.kind(ofDead: process))
    case .processPaused(let process): add(Self.kind(ofDead: process) &+ 1)
    case .processResumed(let process): remove(Self.kind(ofDead: process) &+ 1)
    default: break
    }
  }

  /// Faults are named `cut(a,b)`: the word before the bracket.
  private static func kind(ofFault name: String) -> UInt64 {
    StableHash.of(String(name.prefix { $0 != "(" && $0 != " " }))
  }

  /// Processes are named `api-2`: without their numbers.
  private static func kind(ofDead process: String) -> UInt64 {
    StableHash.of("dead " + process.filter { !$0.isNumber })
  }

  private mutating func add(_ kind: UInt64) {
    if let index = kinds.firstIndex(where: { $0.kind >= kind }) {
      if kinds[index].kind == kind {
        kinds[index].count += 1
        return
      }
      kinds.insert((kind, 1), at: index)
    } else {
      kinds.append((kind, 1))
    }
    makeDigest()
  }

  private mutating func remove(_ kind: UInt64) {
    guard let index = kinds.firstIndex(where: { $0.kind == kind }) else { return }
    kinds[index].count -= 1
    guard kinds[index].count == 0 else { return }
    kinds.remove(at: index)
    makeDigest()
  }

  private mutating func makeDigest() {
    guard !kinds.isEmpty else {
      digest = 0
      return
    }
    var hash = StableHash()
    for entry in kinds { hash.mix(entry.kind) }
    digest = hash.value
  }
}
