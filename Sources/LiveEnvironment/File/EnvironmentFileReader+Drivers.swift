#if Live
  import Yams

  extension EnvironmentFileReader {
    func drivers() -> [EnvironmentFile.Driver] {
      top.entries("drivers").compactMap { name, key, value in
        let path = "drivers.\(name)"
        let keys = ["kind", "start", "stop", "env", "readyUrl", "pidFile"]
        guard let section = FileSection(value, path: path, keys: keys, problems: problems) else { return nil }
        let kind = section.choice("kind", of: EnvironmentFile.Driver.Kind.self, required: true)
        let start = command(section, "start")
        let stop = command(section, "stop")
        let variables = variables(section)
        let pidFile = section.text("pidFile")
        switch kind {
        case .process:
          if start == nil, pidFile == nil, section.node("start") == nil, section.node("pidFile") == nil {
            problems.add("\(path) of kind process needs start or pidFile", at: key.mark)
          }
        case nil: break
        case .kubectl, .docker, .some(.none):
          for name in ["start", "stop", "pidFile"] where section.node(name) != nil {
            section.complain(name, "is for drivers of kind process only")
          }
        }
        if kind == .some(.none) {
          for name in ["env", "readyUrl"] where section.node(name) != nil {
            section.complain(name, "means nothing to a driver of kind none")
          }
        }
        // Checked with something in the place of the target, which may stand where the port does.
        let readyURL = section.text("readyUrl")
        if let readyURL,
          (try? ServerAddress(readyURL.replacing("{target}", with: "1"), schemes: ["http"])) == nil
        {
          section.complain("readyUrl", "must be http://HOST:PORT/PATH")
        }
        guard let kind else { return nil }
        return EnvironmentFile.Driver(
          name: name, kind: kind, start: start, stop: stop, environment: variables, readyURL: readyURL,
          pidFile: pidFile)
      }
    }

    /// A line of text, or a list of words.
    private func command(_ section: FileSection, _ key: String) -> EnvironmentFile.Driver.Command? {
      guard let node = section.node(key) else { return nil }
      guard case .sequence = node else { return section.text(key).map { .line($0) } }
      let words = section.texts(key).map(\.text)
      if words.isEmpty { section.complain(key, "names no program") }
      return words.isEmpty ? nil : .words(words)
    }

    private func variables(_ section: FileSection) -> [EnvironmentFile.Driver.Variable] {
      section.entries("env").compactMap { name, _, value in
        let path = "\(section.path).env.\(name)"
        if case .mapping = value {
          return section.secret(of: value, name: path).map { .init(name: name, value: .secret($0)) }
        }
        guard !Self.isSecret(name) else {
          problems.add(
            "\(path) is a secret: write {env: NAME} or {file: PATH}, never the secret itself", at: value.mark)
          return nil
        }
        guard case .scalar(let scalar) = value else {
          problems.add("\(path) must be text, {env: NAME} or {file: PATH}, not \(value.kind)", at: value.mark)
          return nil
        }
        // Numbers are welcome: a variable is text whatever it looks like.
        return .init(name: name, value: .text(value.isNull ? "" : scalar.string))
      }
    }

    /// Whether a variable is called like those that carry secrets.
    private static func isSecret(_ name: String) -> Bool {
      let name = name.uppercased()
      return name.contains("PASSWORD") || name.contains("SECRET") || name.hasSuffix("TOKEN") || name.hasSuffix("KEY")
    }
  }
#endif
