/// What an agent reads from a template document (spec/03 §2.2).
package struct TemplateManifest: Sendable, Hashable {
  package var name: String
  package var namespace: String
  package var displayName: String
  package var description: String
  package var baseImage: String
  package var appType: String
  package var defaultResources: ResourceAmounts
  package var ports: [Port]
  package var environment: [EnvironmentVariable]
  package var vnc: VNC?

  /// A port of the container.
  package struct Port: Sendable, Hashable {
    package var name: String
    package var containerPort: Int
    /// `TCP` when the document does not say.
    package var networkProtocol: String

    package init(name: String, containerPort: Int, networkProtocol: String = "TCP") {
      self.name = name
      self.containerPort = containerPort
      self.networkProtocol = networkProtocol
    }
  }

  /// A variable of the container.
  package struct EnvironmentVariable: Sendable, Hashable {
    package var name: String
    package var value: String

    package init(name: String, value: String) {
      self.name = name
      self.value = value
    }
  }

  /// The block `spec.vnc`.
  package struct VNC: Sendable, Hashable {
    package var enabled: Bool
    package var port: Int
    package var vncProtocol: String

    package init(enabled: Bool, port: Int, vncProtocol: String = "") {
      self.enabled = enabled
      self.port = port
      self.vncProtocol = vncProtocol
    }
  }

  /// Why a document cannot be used, with the agents' texts.
  package enum ParseError: String, Error, Sendable, Hashable {
    case notFound = "templateManifest not found in payload"
    case notAnObject = "templateManifest has invalid type"
    case noSpec = "invalid template spec"
    case noMetadata = "invalid template metadata"
    case noBaseImage = "template missing baseImage"
  }

  /// Reads a document as the Kubernetes agent does: `spec` and `spec.baseImage` must be there, values of another kind
  /// count as absent.
  package init(json: JSONValue?) throws(ParseError) {
    guard let json, json != .null else { throw .notFound }
    guard case .object = json else { throw .notAnObject }
    guard let spec = json["spec"], case .object = spec else { throw .noSpec }
    guard let image = spec["baseImage"]?.text, !image.isEmpty else { throw .noBaseImage }
    baseImage = image
    name = json["metadata"]?["name"]?.text ?? ""
    namespace = json["metadata"]?["namespace"]?.text ?? ""
    displayName = spec["displayName"]?.text ?? ""
    description = spec["description"]?.text ?? ""
    appType = spec["appType"]?.text ?? ""
    let resources = spec["defaultResources"]
    defaultResources = ResourceAmounts(
      cpu: resources?["cpu"]?.text ?? "", memory: resources?["memory"]?.text ?? "")
    ports = (spec["ports"]?.elements ?? []).map { port in
      Port(
        name: port["name"]?.text ?? "", containerPort: Int(port["containerPort"]?.integer ?? 0),
        networkProtocol: port["protocol"]?.text ?? "TCP")
    }
    environment = (spec["env"]?.elements ?? []).map { variable in
      EnvironmentVariable(name: variable["name"]?.text ?? "", value: variable["value"]?.text ?? "")
    }
    vnc = spec["vnc"].flatMap { block in
      guard case .object = block else { return nil }
      return VNC(
        enabled: block["enabled"]?.flag ?? false, port: Int(block["port"]?.integer ?? 0),
        vncProtocol: block["protocol"]?.text ?? "")
    }
  }

  /// The port of the desktop inside the pod: the one named `vnc`, else 3000 (spec/03 §7).
  package var vncPort: Int {
    ports.first { $0.name == "vnc" }?.containerPort ?? 3000
  }
}
