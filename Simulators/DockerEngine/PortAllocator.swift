import StreamSpaceProtocol

/// The host ports that containers have.
struct PortAllocator {
  /// What came of a wish.
  enum Outcome: Equatable {
    case taken(PortBinding.HostPort)
    case refused(Refusal)
  }

  /// Why a host port cannot be had.
  enum Refusal: Equatable {
    /// Another container has it.
    case allocated
    /// Something else on the machine has it.
    case foreign
    /// All ports of the range are in use.
    case exhausted
  }

  private struct Claim: Equatable {
    let address: String
    let port: Int
    let networkProtocol: String
  }

  private let range: ClosedRange<Int>
  private let foreign: Set<Int>
  private var claims: [Int: [Claim]] = [:]
  /// Where the search for a free port begins: the engine goes on after the last one it gave.
  private var next: Int

  init(_ range: ClosedRange<Int>, foreign: Set<Int>) {
    self.range = range
    self.foreign = foreign
    next = range.lowerBound
  }

  /// Takes the port of a wish, or a free one where it names none.
  mutating func take(_ wish: PortBinding.HostPort, of networkProtocol: String) -> Outcome {
    let address = wish.address.isEmpty ? "0.0.0.0" : wish.address
    guard let port = wish.port else { return takeFree(address, networkProtocol) }
    let claim = Claim(address: address, port: port, networkProtocol: networkProtocol)
    if isClaimed(claim) { return .refused(.allocated) }
    if foreign.contains(port) { return .refused(.foreign) }
    claims[port, default: []].append(claim)
    return .taken(PortBinding.HostPort(address: address, port: port))
  }

  private mutating func takeFree(_ address: String, _ networkProtocol: String) -> Outcome {
    for _ in range {
      let port = next
      next = next == range.upperBound ? range.lowerBound : next + 1
      let claim = Claim(address: address, port: port, networkProtocol: networkProtocol)
      if isClaimed(claim) || foreign.contains(port) { continue }
      claims[port, default: []].append(claim)
      return .taken(PortBinding.HostPort(address: address, port: port))
    }
    return .refused(.exhausted)
  }

  mutating func release(_ host: PortBinding.HostPort, of networkProtocol: String) {
    guard let port = host.port else { return }
    claims[port]?.removeAll { $0 == Claim(address: host.address, port: port, networkProtocol: networkProtocol) }
    if claims[port]?.isEmpty == true { claims[port] = nil }
  }

  /// A claim on every address meets one on any.
  private func isClaimed(_ claim: Claim) -> Bool {
    (claims[claim.port] ?? []).contains {
      $0.networkProtocol == claim.networkProtocol
        && ($0.address == claim.address || $0.address == "0.0.0.0" || claim.address == "0.0.0.0")
    }
  }
}

extension DockerFailure {
  static func portRefused(
    _ refusal: PortAllocator.Refusal, container: String, endpoint: String, address: String, port: Int
  ) -> DockerFailure {
    switch refusal {
    case .allocated: .portInUse(container: container, endpoint: endpoint, address: address, port: port)
    case .foreign: .portInUseOutside(container: container, endpoint: endpoint, address: address, port: port)
    case .exhausted: .portsExhausted(container: container, endpoint: endpoint)
    }
  }
}
