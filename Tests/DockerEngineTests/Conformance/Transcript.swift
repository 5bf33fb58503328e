import Foundation
import StreamSpaceProtocol

/// What an engine answered in one conversation, with everything masked that differs from run to run: ids, times,
/// addresses, chosen ports.
struct Transcript: Equatable {
  /// One exchange, or one event of the stream.
  struct Line: Equatable {
    /// Method and target, or `event`.
    var title: String
    /// 0 for an event.
    var status: Int
    var body: JSONValue
  }

  var lines: [Line] = []

  var json: JSONValue {
    .array(
      lines.map { line in
        ["title": .string(line.title), "status": .int(Int64(line.status)), "body": line.body]
      })
  }

  init(lines: [Line] = []) { self.lines = lines }

  init(json: JSONValue) {
    lines = (json.elements ?? []).map { line in
      Line(
        title: line["title"]?.text ?? "", status: Int(line["status"]?.integer ?? 0), body: line["body"] ?? .null)
    }
  }

  /// Where `self`, which may say less than the whole, says something else than `whole`; empty when it does not.
  func differences(from whole: Transcript) -> [String] {
    var found: [String] = []
    for (index, line) in lines.enumerated() {
      guard index < whole.lines.count else {
        found.append("\(index) \(line.title): not there")
        continue
      }
      let other = whole.lines[index]
      if line.title != other.title { found.append("\(index) \(line.title): is \(other.title)") }
      if line.status != other.status {
        found.append("\(index) \(line.title): \(line.status), real \(other.status) \(JSONWriter.text(of: other.body))")
      }
      Self.compare(line.body, other.body, at: "\(index) \(line.title)", &found)
    }
    for line in whole.lines.dropFirst(lines.count) { found.append("missing: \(line.title)") }
    return found
  }

  private static func compare(_ part: JSONValue, _ whole: JSONValue, at path: String, _ found: inout [String]) {
    switch (part, whole) {
    case (.object(let members), .object(let all)):
      for member in members.members {
        guard let other = all[member.key] else {
          found.append("\(path).\(member.key): \(JSONWriter.text(of: member.value)), real has no such key")
          continue
        }
        compare(member.value, other, at: "\(path).\(member.key)", &found)
      }
    case (.array(let elements), .array(let all)):
      if elements.count != all.count {
        found.append("\(path): \(JSONWriter.text(of: part)), real \(JSONWriter.text(of: whole))")
      } else {
        for (index, pair) in zip(elements, all).enumerated() {
          compare(pair.0, pair.1, at: "\(path)[\(index)]", &found)
        }
      }
    default:
      if part != whole { found.append("\(path): \(JSONWriter.text(of: part)), real \(JSONWriter.text(of: whole))") }
    }
  }
}

/// Masks what differs from run to run.
struct Masks {
  /// Ids with the names the conversation gave them.
  private var names: [(id: String, mask: String)] = []
  private var ports: [String] = []

  /// From now on `id` stands as `<name>`.
  mutating func learn(_ id: String, as name: String) {
    if !id.isEmpty { names.append((id, "<\(name)>")) }
  }

  /// Long members that say nothing of StreamSpace's business.
  private static let long: Set<String> = [
    "MaskedPaths", "ReadonlyPaths", "GraphDriver", "Components", "ContainerConfig", "LogConfig", "SandboxKey",
    "ResolvConfPath", "HostnamePath", "HostsPath", "LogPath", "BlkioDeviceReadBps", "BlkioDeviceReadIOps",
    "BlkioDeviceWriteBps", "BlkioDeviceWriteIOps", "BlkioWeight", "BlkioWeightDevice", "DeviceCgroupRules",
    "KernelMemory", "KernelMemoryTCP", "CpuRealtimePeriod", "CpuRealtimeRuntime", "IOMaximumBandwidth",
    "IOMaximumIOps", "GlobalIPv6Address", "GlobalIPv6PrefixLen", "LinkLocalIPv6Address", "LinkLocalIPv6PrefixLen",
    "SecondaryIPAddresses", "SecondaryIPv6Addresses", "KernelVersion", "GitCommit", "BuildTime",
  ]

  mutating func apply(to value: JSONValue) -> JSONValue {
    switch value {
    case .object(let object):
      return .object(
        JSONObject(
          object.members.filter { !Self.long.contains($0.key) }.map { member in
            JSONObject.Member(
              key: text(member.key), value: masked(member.value, under: member.key))
          }.sorted { $0.key < $1.key }))
    case .array(let elements): return .array(elements.map { apply(to: $0) })
    case .string(let string): return .string(text(string))
    default: return value
    }
  }

  private mutating func masked(_ value: JSONValue, under key: String) -> JSONValue {
    switch (key, value) {
    case ("Pid", .int(let pid)) where pid != 0, ("PID", .int(let pid)) where pid != 0: return "<pid>"
    case ("time", .int), ("timeNano", .int), ("Created", .int), ("Size", .int), ("VirtualSize", .int): return "<number>"
    case ("Index", .int): return "<index>"
    case ("NCPU", .int), ("MemTotal", .int): return "<machine>"
    case ("Mountpoint", .string), ("Source", .string("/")): return "<path>"
    case ("Source", .string(let path)) where path.hasPrefix("/"): return "<path>"
    case ("HostPort", .string(let port)) where (Int(port) ?? 0) >= 32768: return .string(mask(port: port))
    case ("PublicPort", .int(let port)) where port >= 32768: return .string(mask(port: String(port)))
    // The machine's, not the engine's.
    case ("Warnings", .array(let warnings)):
      return .array(warnings.filter { $0.text?.hasPrefix("IPv4 forwarding is disabled") != true })
    default: return apply(to: value)
    }
  }

  private mutating func mask(port: String) -> String {
    if !ports.contains(port) { ports.append(port) }
    return "<port \((ports.firstIndex(of: port) ?? 0) + 1)>"
  }

  private static let patterns: [(NSRegularExpression, String)] = [
    (#"sha256:[0-9a-f]{64}"#, "<image>"), (#"[0-9a-f]{64}"#, "<id>"),
    (#"(?!0001)[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:.]+Z"#, "<time>"),
    (#"\b(?:172\.[0-9]{1,3}|192\.168|10\.[0-9]{1,3})\.([0-9]{1,3}\.[0-9]{1,3})\b"#, "<net>.$1"),
    (#"\b(?:Less than a second|[0-9]+ seconds?|About a minute)\b"#, "<span>"),
    (#"from 0\.01 to [0-9.]+, as there are only [0-9]+ CPUs"#, "from 0.01 to <n>, as there are only <n> CPUs"),
  ].compactMap { pair in (try? NSRegularExpression(pattern: pair.0)).map { ($0, pair.1) } }

  func text(_ text: String) -> String {
    var result = text
    for (id, mask) in names {
      result = result.replacingOccurrences(of: id, with: mask)
      if id.count == 64 { result = result.replacingOccurrences(of: id.prefix(12), with: "\(mask)[12]") }
    }
    for (pattern, mask) in Self.patterns {
      result = pattern.stringByReplacingMatches(
        in: result, range: NSRange(location: 0, length: (result as NSString).length), withTemplate: mask)
    }
    return result
  }
}
