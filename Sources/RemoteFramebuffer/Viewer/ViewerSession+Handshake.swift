extension ViewerSession {
  func readVersion(_ events: inout [Event]) throws(RFBError) -> Bool {
    let count = ProtocolVersion.lineSize
    guard input.count >= count else { return false }
    let line = input.copy(count)
    input.consume(count)
    guard let (major, minor) = ProtocolVersion.parse(line) else { throw .badVersion(line) }
    guard major >= 3 else { throw .unsupportedVersion(major: major, minor: minor) }
    let offered = major > 3 ? .v38 : ProtocolVersion(minor: minor)
    let version = min(offered, configuration.highestVersion)
    self.version = version
    output.append(version.line)
    events.append(.version(version))
    phase = version == .v33 ? .securityType : .securityTypes
    return true
  }

  func readSecurityTypes(_ events: inout [Event]) throws(RFBError) -> Bool {
    guard input.count >= 1 else { return false }
    let count = Int(input.uint8(at: 0))
    if count == 0 {
      input.consume(1)
      phase = .refusal
      return true
    }
    guard input.count >= 1 + count else { return false }
    let types = input.copy(count, at: 1)
    input.consume(1 + count)
    let usable = types.first {
      $0 == SecurityType.none || ($0 == SecurityType.vncAuthentication && configuration.password != nil)
    }
    guard let type = usable else { throw .noUsableSecurityType(types) }
    output.uint8(type)
    begin(type, &events)
    return true
  }

  /// In 3.3 the server decides.
  func readSecurityType(_ events: inout [Event]) throws(RFBError) -> Bool {
    guard input.count >= 4 else { return false }
    let number = input.uint32(at: 0)
    input.consume(4)
    switch number {
    case 0: phase = .refusal
    case 1: begin(SecurityType.none, &events)
    case 2 where configuration.password != nil: begin(SecurityType.vncAuthentication, &events)
    default: throw .noUsableSecurityType([UInt8(truncatingIfNeeded: number)])
    }
    return true
  }

  private func begin(_ type: UInt8, _ events: inout [Event]) {
    events.append(.security(type))
    if type == SecurityType.vncAuthentication {
      phase = .challenge
    } else if version == .v38 {
      phase = .result
    } else {
      initialize()
    }
  }

  private func initialize() {
    output.uint8(configuration.isShared ? 1 : 0)
    phase = .serverInit
  }

  func readChallenge() -> Bool {
    guard input.count >= VNCAuthentication.count else { return false }
    let challenge = input.copy(VNCAuthentication.count)
    input.consume(VNCAuthentication.count)
    output.append(VNCAuthentication.response(to: challenge, password: configuration.password ?? ""))
    phase = .result
    return true
  }

  func readResult() throws(RFBError) -> Bool {
    guard input.count >= 4 else { return false }
    let result = input.uint32(at: 0)
    input.consume(4)
    switch result {
    case 0: initialize()
    case 1, 2:
      guard version == .v38 else { throw .authenticationFailed(reason: "") }
      phase = .failureReason
    default: throw .badSecurityResult(result)
    }
    return true
  }

  func readRefusal() throws(RFBError) -> Bool {
    guard let reason = try readText("reason") else { return false }
    throw .refused(reason: reason)
  }

  func readFailureReason() throws(RFBError) -> Bool {
    guard let reason = try readText("reason") else { return false }
    throw .authenticationFailed(reason: reason)
  }

  /// U32 length and a text; nil when it is not there as a whole.
  func readText(_ what: String, at offset: Int = 0) throws(RFBError) -> String? {
    guard input.count >= offset + 4 else { return nil }
    let length = Int(input.uint32(at: offset))
    guard length <= RFBLimits.text else { throw .lengthTooLarge(what, length, limit: RFBLimits.text) }
    guard input.count >= offset + 4 + length else { return nil }
    let text = String(decoding: input.copy(length, at: offset + 4), as: UTF8.self)
    input.consume(offset + 4 + length)
    return text
  }

  func readServerInit(_ events: inout [Event]) throws(RFBError) -> Bool {
    let headSize = 4 + PixelFormat.wireSize
    guard input.count >= headSize else { return false }
    let width = input.uint16(at: 0)
    let height = input.uint16(at: 2)
    let announced = PixelFormat(input, at: 4)
    guard let name = try readText("name", at: headSize) else { return false }
    // A format that cannot be read matters only when the viewer does not bring its own.
    if let fault = announced.fault, configuration.format == nil { throw .badPixelFormat(fault) }
    try setSize(width: width, height: height)
    self.name = name
    format = announced
    decoders = [nil, nil, nil]
    isReady = true
    phase = .normal
    if let wanted = configuration.format { setPixelFormat(wanted) }
    if !configuration.encodings.isEmpty { setEncodings(configuration.encodings) }
    events.append(.ready(width: width, height: height, name: name))
    return true
  }
}
