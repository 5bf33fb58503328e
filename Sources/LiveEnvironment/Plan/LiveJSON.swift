#if Live
  import StreamSpaceProtocol

  /// The one JSON object of `doctor` and `live`.
  package enum LiveJSON {
    package static func lines(_ lines: [ProbeLine]) -> JSONValue {
      .array(
        lines.map { line in
          [
            "subject": .string(line.subject), "verdict": .string(line.verdict.rawValue), "seen": .string(line.seen),
            "advice": .string(line.advice),
          ]
        })
    }

    package static func checks(_ checks: [MachineCheck]) -> JSONValue {
      .array(
        checks.map { check in
          [
            "subject": .string(check.subject), "verdict": .string(check.verdict.rawValue),
            "seen": .string(check.seen), "advice": .string(check.advice),
          ]
        })
    }

    package static func capabilities(_ set: CapabilitySet) -> JSONValue {
      .array(
        set.findings.map { finding in
          var item = JSONObject()
          item.add("name", finding.name)
          item.add("there", finding.isThere)
          item.addIfPresent("count", finding.count)
          item.add("seen", finding.seen)
          return .object(item)
        })
    }

    package static func plan(_ plan: LivePlan) -> JSONValue {
      [
        "run": .string(plan.label.label),
        "cases": .array(
          plan.items.map { item in
            [
              "id": .string(item.id), "scenario": .string(item.scenario), "title": .string(item.title),
              "promised": .bool(item.isPromised), "runs": .bool(item.missing.isEmpty),
              "missing": .array(item.missing.map { .string($0) }),
              "reason": item.reason.map { .string("skipped: \($0)") } ?? .null,
            ]
          }),
        "touched": .array(
          plan.touched.map { object in
            ["what": .string(object.what), "where": .string(object.place), "mark": .string(object.mark)]
          }),
        "components": .array(
          plan.components.map { component in
            [
              "name": .string(component.name), "driver": .string(component.driver),
              "target": .string(component.target),
              "verbs": .array(component.verbs.map { .string($0.rawValue) }), "reason": .string(component.reason),
            ]
          }),
        "summary": ["runs": .int(Int64(plan.runs.count)), "skipped": .int(Int64(plan.skips.count))],
      ]
    }
  }
#endif
