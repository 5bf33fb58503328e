/// What load shows (spec/05 §3, §4, §5).
extension DefectCatalogue {
  static let load: [Defect] = [
    Defect(
      id: "C-07", slug: "complete-before-ready", component: "agent: commands",
      mechanism: "A start is told as completed when its objects are made, before any pod is ready.",
      origin: "plausible", invariants: ["I-CMD-TRUTH"], cases: ["PERF-THR-03"]
    ) { $0.agent.startCompletion = .whenCreated }
  ]
}
