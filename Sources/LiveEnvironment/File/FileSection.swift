#if Live
  import Foundation
  import Yams

  /// What is wrong so far, and what the sections read need in common.
  final class FileProblems {
    let file: String
    /// Relative paths of secrets are of the file's own folder.
    let folder: URL
    /// Where variables are looked up.
    let variables: [String: String]
    private(set) var all: [FileProblem] = []

    init(file: String, folder: URL, variables: [String: String]) {
      self.file = file
      self.folder = folder
      self.variables = variables
    }

    func add(_ message: String, at mark: Mark?) {
      all.append(FileProblem(file: file, line: mark?.line ?? 0, column: mark?.column ?? 0, message: message))
    }
  }

  /// One mapping of the file. Every question about a key that cannot be answered is a problem with the key's place, and
  /// the answer is nil: reading goes on, so that all problems are found at once.
  struct FileSection {
    /// `api.replicas[0]`; empty at the top.
    let path: String
    let mark: Mark?
    let problems: FileProblems
    private let values: [String: (key: Node, value: Node)]

    /// Reports keys that are not in `keys`; nil when the node is no mapping.
    init?(_ node: Node, path: String, keys: [String], problems: FileProblems) {
      guard case .mapping(let mapping) = node else {
        problems.add("\(path.isEmpty ? "the file" : path) must be a section of keys, not \(node.kind)", at: node.mark)
        return nil
      }
      self.path = path
      self.problems = problems
      mark = mapping.first?.key.mark ?? node.mark
      var values: [String: (key: Node, value: Node)] = [:]
      for (key, value) in mapping {
        guard case .scalar(let scalar) = key else {
          problems.add("a key must be a word, not \(key.kind)", at: key.mark)
          continue
        }
        if keys.contains(scalar.string) {
          values[scalar.string] = (key, value)
        } else {
          let place = path.isEmpty ? "" : " in \(path)"
          let advice =
            Suggestion.nearest(to: scalar.string, among: keys).map { "; did you mean '\($0)'?" }
            ?? "; known are \(keys.joined(separator: ", "))"
          problems.add("unknown key '\(scalar.string.shown)'\(place)\(advice)", at: key.mark)
        }
      }
      self.values = values
    }

    func name(_ key: String) -> String { path.isEmpty ? key : "\(path).\(key)" }

    /// The node of a key; nil if it is absent or null. Absence of a required key is a problem.
    func node(_ key: String, required: Bool = false) -> Node? {
      if let pair = values[key], !pair.value.isNull { return pair.value }
      if required { problems.add("\(name(key)) is missing", at: values[key]?.key.mark ?? mark) }
      return nil
    }

    func complain(_ key: String, _ message: String) {
      problems.add("\(name(key)) \(message)", at: values[key]?.value.mark ?? mark)
    }

    // MARK: Scalars

    /// Text; a plain number or `true` is none, so that nothing is guessed.
    func text(_ key: String, required: Bool = false) -> String? {
      guard let node = node(key, required: required) else { return nil }
      return text(of: node, name: name(key))
    }

    func text(of node: Node, name: String) -> String? {
      guard case .scalar(let scalar) = node else {
        problems.add("\(name) must be text, not \(node.kind)", at: node.mark)
        return nil
      }
      if scalar.style == .plain, Int(scalar.string) != nil || ["true", "false"].contains(scalar.string) {
        problems.add("\(name) must be text: write \"\(scalar.string)\" in quotes", at: node.mark)
        return nil
      }
      guard !scalar.string.isEmpty else {
        problems.add("\(name) is empty", at: node.mark)
        return nil
      }
      guard scalar.string.utf8.count <= 4_096 else {
        problems.add("\(name) is longer than 4096 bytes", at: node.mark)
        return nil
      }
      return scalar.string
    }

    /// A name of a component, driver, agent: letters, digits, `.`, `_`, `-`, at most 100.
    func word(_ key: String, required: Bool = false) -> String? {
      guard let text = text(key, required: required) else { return nil }
      guard text.isComponentName else {
        complain(key, "must be a name of letters, digits, '.', '_' and '-', not '\(text.shown)'")
        return nil
      }
      return text
    }

    func flag(_ key: String) -> Bool? {
      guard let node = node(key) else { return nil }
      if case .scalar(let scalar) = node, scalar.style == .plain {
        if scalar.string == "true" { return true }
        if scalar.string == "false" { return false }
      }
      complain(key, "must be true or false")
      return nil
    }

    func integer(_ key: String, in range: ClosedRange<Int>, required: Bool = false) -> Int? {
      guard let node = node(key, required: required) else { return nil }
      guard case .scalar(let scalar) = node, scalar.style == .plain, let number = Int(scalar.string) else {
        complain(key, "must be a whole number, not \(node.kind)")
        return nil
      }
      guard range.contains(number) else {
        complain(key, "must be \(range.lowerBound) to \(range.upperBound), not \(number)")
        return nil
      }
      return number
    }

    func duration(_ key: String) -> Duration? {
      guard let node = node(key) else { return nil }
      guard case .scalar(let scalar) = node, let duration = DurationText.parse(scalar.string) else {
        complain(key, "must be a duration such as 90s, 5m or 250ms, at most a week")
        return nil
      }
      return duration
    }

    func choice<Choice: RawRepresentable & CaseIterable>(
      _ key: String, of type: Choice.Type = Choice.self, required: Bool = false
    ) -> Choice? where Choice.RawValue == String {
      guard let text = text(key, required: required) else { return nil }
      guard let choice = Choice(rawValue: text) else {
        let names = Choice.allCases.map(\.rawValue)
        let advice = Suggestion.nearest(to: text, among: names).map { "; did you mean '\($0)'?" } ?? ""
        complain(key, "must be one of \(names.joined(separator: ", ")), not '\(text.shown)'\(advice)")
        return nil
      }
      return choice
    }

    func address(_ key: String, schemes: [String], required: Bool = false) -> ServerAddress? {
      guard let text = text(key, required: required) else { return nil }
      do throws(ServerAddress.Refusal) {
        return try ServerAddress(text, schemes: schemes)
      } catch {
        let example = schemes.map { $0 == "unix" ? "unix:///PATH" : "\($0)://HOST:PORT" }.joined(separator: " or ")
        switch error {
        case .unreadable: complain(key, "must be \(example)")
        case .scheme(let scheme): complain(key, "must be \(example), not \(scheme.shown)://")
        case .host: complain(key, "names no host: it must be \(example)")
        case .port: complain(key, "has no port of 1 to 65535")
        case .credentials: complain(key, "must have no user and no password in it: secrets have keys of their own")
        case .query: complain(key, "must have no '?' and no '#'")
        }
        return nil
      }
    }

    // MARK: Secrets

    /// `{env: NAME}` or `{file: PATH}`, resolved; anything else, above all the secret itself, is a problem.
    func secret(_ key: String, required: Bool = false) -> Secret? {
      guard let node = node(key, required: required) else { return nil }
      return secret(of: node, name: name(key))
    }

    func secret(of node: Node, name: String) -> Secret? {
      guard case .mapping = node else {
        // Not quoted: it is likely to be the secret.
        problems.add("\(name) is a secret: write {env: NAME} or {file: PATH}, never the secret itself", at: node.mark)
        return nil
      }
      guard let section = FileSection(node, path: name, keys: ["env", "file"], problems: problems) else { return nil }
      let source: SecretSource
      switch (section.text("env"), section.text("file")) {
      case (let variable?, nil): source = .variable(variable)
      case (nil, let path?):
        source = .file(URL(fileURLWithPath: path, relativeTo: problems.folder).standardizedFileURL.path)
      case (nil, nil):
        if section.values.isEmpty { problems.add("\(name) must name env or file", at: node.mark) }
        return nil
      default:
        problems.add("\(name) must name either env or file, not both", at: node.mark)
        return nil
      }
      do throws(SecretSource.Missing) {
        let value = try source.resolve(in: problems.variables)
        guard !value.isEmpty else {
          problems.add("\(name): \(Secret(source, value: "")) is empty", at: node.mark)
          return nil
        }
        return Secret(source, value: value)
      } catch {
        problems.add("\(name): \(error)", at: node.mark)
        return nil
      }
    }

    // MARK: Sections and lists

    func section(_ key: String, keys: [String], required: Bool = false) -> FileSection? {
      guard let node = node(key, required: required) else { return nil }
      return FileSection(node, path: name(key), keys: keys, problems: problems)
    }

    /// The elements of a list, with their paths; empty if the key is absent or no list.
    func elements(_ key: String, required: Bool = false) -> [(node: Node, path: String)] {
      guard let node = node(key, required: required) else { return [] }
      guard case .sequence(let sequence) = node else {
        complain(key, "must be a list, not \(node.kind)")
        return []
      }
      guard sequence.count <= 1_000 else {
        complain(key, "has \(sequence.count) entries; at most 1000 are accepted")
        return []
      }
      return sequence.enumerated().map { ($1, "\(name(key))[\($0)]") }
    }

    func sections(_ key: String, keys: [String], required: Bool = false) -> [FileSection] {
      elements(key, required: required).compactMap {
        FileSection($0.node, path: $0.path, keys: keys, problems: problems)
      }
    }

    /// A list of texts with their places.
    func texts(_ key: String, required: Bool = false) -> [(text: String, mark: Mark?)] {
      elements(key, required: required).compactMap { node, path in text(of: node, name: path).map { ($0, node.mark) } }
    }

    /// The keys of a mapping whose keys are free, in the order of the file.
    func entries(_ key: String) -> [(name: String, key: Node, value: Node)] {
      guard let node = node(key) else { return [] }
      guard case .mapping(let mapping) = node else {
        complain(key, "must be a section of names, not \(node.kind)")
        return []
      }
      return mapping.compactMap { pair in
        guard case .scalar(let scalar) = pair.key, scalar.string.isComponentName else {
          problems.add("a name in \(name(key)) must be letters, digits, '.', '_' and '-'", at: pair.key.mark)
          return nil
        }
        return (scalar.string, pair.key, pair.value)
      }
    }

    /// Whether a list stands there that has no elements.
    func isEmptyList(_ key: String) -> Bool {
      guard case .sequence(let sequence)? = values[key]?.value else { return false }
      return sequence.isEmpty
    }

    /// Where the value of a key stands.
    func place(of key: String) -> Mark? { values[key]?.value.mark ?? mark }
  }

  extension Node {
    /// What it is, in the words of a message.
    var kind: String {
      switch self {
      case .mapping: "a section"
      case .sequence: "a list"
      case .alias: "an alias"
      case .scalar(let scalar): isNull ? "nothing" : "'\(scalar.string.shown)'"
      }
    }

    /// Nothing stands there: `key:`, `key: ~`, `key: null`.
    var isNull: Bool {
      guard case .scalar(let scalar) = self, scalar.style == .plain else { return false }
      return ["", "~", "null"].contains(scalar.string)
    }
  }

  extension String {
    /// As a message shows it: short, without control characters.
    var shown: String {
      let clean = String(
        String.UnicodeScalarView(prefix(40).unicodeScalars.filter { $0.value >= 0x20 && $0.value != 0x7f }))
      return clean.unicodeScalars.count < unicodeScalars.count ? clean + "…" : clean
    }

    var isComponentName: Bool {
      guard let first = utf8.first, utf8.count <= 100 else { return false }
      func isAlphanumeric(_ byte: UInt8) -> Bool {
        (0x30...0x39).contains(byte) || (0x41...0x5a).contains(byte) || (0x61...0x7a).contains(byte)
      }
      return isAlphanumeric(first) && utf8.allSatisfy { isAlphanumeric($0) || "._-".utf8.contains($0) }
    }
  }
#endif
