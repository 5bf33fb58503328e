#if Live
  import Yams

  extension EnvironmentFileReader {
    func proxies() -> [EnvironmentFile.Proxy] {
      top.sections("proxies", keys: ["between", "control"]).compactMap { section in
        let between = section.texts("between", required: true).map(\.text)
        if between.count != 2 || between.first == between.last, section.node("between") != nil {
          section.complain("between", "must name two different components")
        }
        let control = section.address("control", schemes: ["http"], required: true)
        return control.map { EnvironmentFile.Proxy(between: between, control: $0) }
      }
    }

    func hybrid(_ mode: EnvironmentFile.Mode) -> EnvironmentFile.Hybrid? {
      let section = top.section("hybrid", keys: ["simulated", "listen"], required: mode == .hybrid)
      guard let section else { return nil }
      if mode == .live { problems.add("hybrid is for mode: hybrid only", at: section.mark) }
      var parts: [EnvironmentFile.Hybrid.Part] = []
      for (text, mark) in section.texts("simulated", required: true) {
        guard let part = EnvironmentFile.Hybrid.Part(rawValue: text) else {
          let names = EnvironmentFile.Hybrid.Part.allCases.map(\.rawValue)
          let advice = Suggestion.nearest(to: text, among: names).map { "; did you mean '\($0)'?" } ?? ""
          problems.add(
            "hybrid.simulated must name \(names.joined(separator: ", ")), not '\(text.shown)'\(advice)", at: mark)
          continue
        }
        if parts.contains(part) { problems.add("'\(text)' stands twice in hybrid.simulated", at: mark) }
        parts.append(part)
      }
      if section.isEmptyList("simulated") { section.complain("simulated", "names nothing to simulate") }
      let listen = section.text("listen")
      if let listen, (try? ServerAddress("tcp://\(listen):1", schemes: ["tcp"])) == nil {
        section.complain("listen", "must be an address of this machine, such as 127.0.0.1")
      }
      return EnvironmentFile.Hybrid(simulated: parts, listen: listen ?? "127.0.0.1")
    }

    func safety() -> EnvironmentFile.Safety {
      let section = top.section("safety", keys: ["runLabel", "maxSessions", "deadline", "allow"])
      var label = section?.text("runLabel")
      if label == "auto" { label = nil }
      if let label, !RunLabel.isTag(label) {
        section?.complain("runLabel", "must be auto or eight hexadecimal digits, not '\(label.shown)'")
      }
      let allowed = section?.texts("allow") ?? []
      var allow: [String] = []
      for (name, mark) in allowed {
        if allow.contains(name) { problems.add("'\(name.shown)' stands twice in safety.allow", at: mark) }
        allow.append(name)
        references.allow(name, mark)
      }
      return EnvironmentFile.Safety(
        runLabel: label, maxSessions: section?.integer("maxSessions", in: 1...100_000) ?? 60,
        deadline: section?.duration("deadline") ?? .seconds(30 * 60), allow: allow)
    }
  }
#endif
