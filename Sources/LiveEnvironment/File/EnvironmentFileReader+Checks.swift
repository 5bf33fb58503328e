#if Live
  import Yams

  extension EnvironmentFileReader {
    /// Looks whether what is named exists, when everything has been read.
    func check(_ file: EnvironmentFile) {
      let names = file.drivers.map(\.name)
      for (name, key, mark) in references.drivers where !names.contains(name) {
        // A driver that could not be read has its own complaint.
        if top.entries("drivers").contains(where: { $0.name == name }) { continue }
        let advice =
          Suggestion.nearest(to: name, among: names).map { "; did you mean '\($0)'?" }
          ?? (names.isEmpty ? "; the file defines none" : "; defined are \(names.joined(separator: ", "))")
        problems.add("\(key): no driver is called '\(name)'\(advice)", at: mark)
      }
      // What could not be read is not there to be named.
      guard problems.all.isEmpty else { return }
      let components = file.components.map(\.name)
      for (index, name) in components.enumerated() where components[..<index].contains(name) {
        problems.add("two components are called '\(name)': give one of them another name or target", at: top.mark)
      }
      for (name, mark) in references.allowed where !components.contains(name) {
        let advice =
          Suggestion.nearest(to: name, among: components).map { "; did you mean '\($0)'?" }
          ?? "; the components are \(components.joined(separator: ", "))"
        problems.add("safety.allow: no component is called '\(name.shown)'\(advice)", at: mark)
      }
      for (index, agent) in file.agents.enumerated() {
        guard let first = file.agents.first(where: { $0.id == agent.id }), first.platform != agent.platform else {
          continue
        }
        problems.add(
          "agents[\(index)]: '\(agent.id)' is of platform \(first.platform.rawValue) before",
          at: top.elements("agents")[index].node.mark)
      }
      if !file.organisations.isEmpty, file.admin == nil {
        top.complain("organisations", "need admin: users are made by the administrator")
      }
    }
  }
#endif
