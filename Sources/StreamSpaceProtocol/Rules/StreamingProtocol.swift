/// How a session is reached, derived from the template at create (spec/02 §5.2).
package struct StreamingProtocol: Sendable, Hashable {
  /// `vnc`, `selkies`, `guacamole` or `x2go`.
  package var name: String
  package var port: Int
  package var path: String

  package init(name: String, port: Int, path: String = "") {
    self.name = name
    self.port = port
    self.path = path
  }

  /// What holds when nothing else matches.
  package static let vnc = StreamingProtocol(name: "vnc", port: 5900)

  /// Whether the VNC route tunnels RFB; selkies, guacamole and kasm are answered with a link (spec/02 §5.7).
  package static func isTunnelled(_ name: String) -> Bool {
    name != "selkies" && name != "guacamole" && name != "kasm"
  }

  /// The protocol of a template document: by image name in lower case, then by its first port.
  package static func detect(manifest: JSONValue) -> StreamingProtocol {
    guard let spec = manifest["spec"], let image = spec["baseImage"]?.text?.lowercased(), !image.isEmpty else {
      return .vnc
    }
    if image.contains("linuxserver/") { return StreamingProtocol(name: "selkies", port: 3000, path: "/websockify") }
    if image.contains("kasmweb/") { return StreamingProtocol(name: "selkies", port: 6901, path: "/websockify") }
    if image.contains("guacamole/") { return StreamingProtocol(name: "guacamole", port: 8080, path: "/guacamole") }
    if image.contains("x2go") { return StreamingProtocol(name: "x2go", port: 22) }
    switch spec["ports"]?.elements?.first?["containerPort"]?.integer {
    case 3000: return StreamingProtocol(name: "selkies", port: 3000, path: "/websockify")
    case 6901: return StreamingProtocol(name: "selkies", port: 6901, path: "/websockify")
    case 8080: return StreamingProtocol(name: "guacamole", port: 8080, path: "/guacamole")
    default: return .vnc
    }
  }
}
