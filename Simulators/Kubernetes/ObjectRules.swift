import StreamSpaceProtocol

/// What the API server refuses with 422 (spec/03 §3 and HZ-39): names, label values, ports.
enum ObjectRules {
  /// Longest name of an object.
  static let longestName = 253
  /// Longest label value and longest name of a service.
  static let longestLabel = 63

  /// `isNew`: its name was not accepted before.
  static func check(_ object: KubernetesObject, isNew: Bool) throws(KubernetesFailure) {
    let name = object.metadata.name
    if isNew, let cause = nameFault(name, of: object.kind) { throw .invalid(object.kind, name, cause) }
    for pair in object.metadata.labels.pairs {
      guard let cause = labelFault(pair.value) else { continue }
      throw .invalid(object.kind, name, "metadata.labels: Invalid value: \"\(pair.value)\": \(cause)")
    }
    if case .deployment(let deployment) = object { try check(deployment) }
    if case .session(let session) = object { try check(session) }
  }

  private static func check(_ deployment: Deployment) throws(KubernetesFailure) {
    let name = deployment.metadata.name
    for (index, port) in deployment.template.ports.enumerated() where !(1...65_535).contains(port.containerPort) {
      let field = "spec.template.spec.containers[0].ports[\(index)].containerPort"
      throw .invalid(
        .deployment, name,
        port.containerPort == 0
          ? "\(field): Required value"
          : "\(field): Invalid value: \(port.containerPort): must be between 1 and 65535, inclusive")
    }
    for pair in deployment.selector.pairs where deployment.template.labels[pair.key] != pair.value {
      throw .invalid(
        .deployment, name,
        "spec.template.metadata.labels: Invalid value: `selector` does not match template `labels`")
    }
  }

  /// The patterns of the custom resource's schema (spec/03 §3).
  private static func check(_ session: SessionResource) throws(KubernetesFailure) {
    for (field, value) in [("spec.user", session.user), ("spec.template", session.template)]
    where !isLabel(value, allowing: { isLowerOrDigit($0) || $0 == UInt8(ascii: "-") }, edge: isLowerOrDigit) {
      throw .invalid(
        .session, session.metadata.name,
        "\(field): Invalid value: \"\(value)\": \(field) in body should match '^[a-z0-9]([-a-z0-9]*[a-z0-9])?$'")
    }
  }

  private static func nameFault(_ name: String, of kind: KubernetesKind) -> String? {
    guard !name.isEmpty else { return "metadata.name: Required value: name or generateName is required" }
    if kind == .service { return serviceNameFault(name) }
    let parts = name.utf8.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
    let isValid = parts.allSatisfy { part in
      isLabel(
        String(Substring(part)), allowing: { isLowerOrDigit($0) || $0 == UInt8(ascii: "-") }, edge: isLowerOrDigit)
    }
    if !isValid {
      return "metadata.name: Invalid value: \"\(name)\": a lowercase RFC 1123 subdomain must consist of lower case "
        + "alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. "
        + "'example.com', regex used for validation is "
        + "'[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')"
    }
    guard name.utf8.count <= longestName else {
      return "metadata.name: Invalid value: \"\(name)\": must be no more than \(longestName) characters"
    }
    return nil
  }

  private static func serviceNameFault(_ name: String) -> String? {
    guard name.utf8.count <= longestLabel else {
      return "metadata.name: Invalid value: \"\(name)\": must be no more than \(longestLabel) characters"
    }
    let isValid =
      isLabel(name, allowing: { isLowerOrDigit($0) || $0 == UInt8(ascii: "-") }, edge: isLowerOrDigit)
      && !(name.utf8.first.map(isDigit) ?? true)
    return isValid
      ? nil
      : "metadata.name: Invalid value: \"\(name)\": a DNS-1035 label must consist of lower case alphanumeric "
        + "characters or '-', start with an alphabetic character, and end with an alphanumeric character (e.g. "
        + "'my-name',  or 'abc-123', regex used for validation is '[a-z]([-a-z0-9]*[a-z0-9])?')"
  }

  private static func labelFault(_ value: String) -> String? {
    guard value.utf8.count <= longestLabel else { return "must be no more than \(longestLabel) characters" }
    let inner: (UInt8) -> Bool = { byte in
      isAlphanumeric(byte) || byte == UInt8(ascii: "-") || byte == UInt8(ascii: "_") || byte == UInt8(ascii: ".")
    }
    guard value.isEmpty || isLabel(value, allowing: inner, edge: isAlphanumeric) else {
      return "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must "
        + "start and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for "
        + "validation is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')"
    }
    return nil
  }

  private static func isLabel(_ text: String, allowing inner: (UInt8) -> Bool, edge: (UInt8) -> Bool) -> Bool {
    guard let first = text.utf8.first, let last = text.utf8.last else { return false }
    return edge(first) && edge(last) && text.utf8.allSatisfy(inner)
  }

  private static func isDigit(_ byte: UInt8) -> Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) }

  private static func isLowerOrDigit(_ byte: UInt8) -> Bool {
    isDigit(byte) || (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte)
  }

  private static func isAlphanumeric(_ byte: UInt8) -> Bool {
    isLowerOrDigit(byte) || (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte)
  }
}
