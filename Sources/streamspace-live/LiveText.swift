#if Live
  import LiveEnvironment

  /// Plans and capabilities for a person.
  enum LiveText {
    static func print(_ capabilities: CapabilitySet) {
      for finding in capabilities.findings {
        let name = finding.name + (finding.isThere ? finding.count.map { ":\($0)" } ?? "" : "")
        LiveFile.say("  \(finding.isThere ? "ok" : "- ") \(name.padded(to: 22)) \(finding.seen)")
      }
    }

    static func print(_ plan: LivePlan) {
      LiveFile.say("\(plan.runs.count) cases would run:")
      for item in plan.runs { LiveFile.say("  \(item.id.padded(to: 12)) \(item.title)") }
      LiveFile.say("\n\(plan.skips.count) cases would be skipped:")
      for item in plan.skips { LiveFile.say("  \(item.id.padded(to: 12)) skipped: \(item.reason ?? "")") }
      LiveFile.say("\nwould be made, and removed at the end (\(plan.label)):")
      for object in plan.touched { LiveFile.say("  \(object.what.padded(to: 34)) \(object.place): \(object.mark)") }
      if plan.touched.isEmpty { LiveFile.say("  nothing") }
      LiveFile.say("\ndrivers could act on:")
      for component in plan.components {
        let verbs = component.verbs.isEmpty ? "nothing" : component.verbs.map(\.rawValue).joined(separator: ", ")
        let reason = component.reason.isEmpty ? "" : " (\(component.reason))"
        LiveFile.say("  \(component.name.padded(to: 22)) \(component.driver) \(component.target): \(verbs)\(reason)")
      }
      if plan.components.isEmpty { LiveFile.say("  nothing: no component has a driver") }
    }
  }
#endif
