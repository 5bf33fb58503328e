import Kubernetes
import SimulationRuntime
import StreamSpaceProtocol
import Testing

/// List and watch together, under everything that can break them: the promise of spec/04 §4.2 as a property over seeds.
@Suite("List and watch")
struct InformerTests {
  /// Random writes for a minute, with gaps, outages and crashes of the API server between them.
  private final class Storm {
    let rig: ClusterRig
    private(set) var history: [ObjectChange] = []
    private let stream: DecisionStream

    init(seed: UInt64) throws {
      rig = try ClusterRig(seed: seed)
      stream = rig.simulation.decisions.stream("test.storm")
      // Version 0 would mean "no version" to a watch; no real store is that empty.
      _ = rig.cluster.perform(.init(.create(Fixture.lease("first")), caller: "storm"))
      rig.cluster.changeObserver = { [unowned self] in history.append($0) }
    }

    private func choose(_ count: Int) -> Int { rig.simulation.decisions.choose(stream, count) }

    func blow() throws {
      for _ in 0..<220 {
        write()
        if choose(20) == 0 { trouble() }
        try rig.run(.milliseconds(Int64(choose(500))))
      }
      // Heal: the longest trouble lasts 4 s.
      try rig.run(.seconds(5))
      if !rig.server.isRunning { rig.server.start() }
      try rig.run(.seconds(15))
    }

    private func write() {
      let name = "s\(choose(6))"
      var object = Fixture.service(name)
      object.metadata.labels[SessionLabel.agent] = choose(3) == 0 ? "k8s-2" : "k8s-1"
      object.metadata.annotations["number"] = "\(history.count)"
      switch choose(5) {
      case 0: _ = rig.cluster.perform(.init(.delete(object.reference, DeleteOptions()), caller: "storm"))
      case 1: _ = rig.cluster.perform(.init(.create(Fixture.lease("l\(history.count)")), caller: "storm"))
      default:
        if rig.cluster.perform(.init(.update(object), caller: "storm")).code == 404 {
          _ = rig.cluster.perform(.init(.create(object), caller: "storm"))
        }
      }
    }

    private func trouble() {
      let span = TimeSpan.milliseconds(Int64(choose(4_000)))
      switch choose(4) {
      case 0: rig.cluster.begin(.watchGap(compacting: false), lasting: span)
      case 1: rig.cluster.begin(.watchGap(compacting: true), lasting: span)
      case 2: rig.cluster.begin(.down(.silent), lasting: span)
      default:
        if rig.server.isRunning { rig.server.crash() } else { rig.server.start() }
      }
    }
  }

  /// What a stretch should have been told, from the true history alone.
  private func expected(
    _ stretch: Informer.Stretch, _ history: [ObjectChange], _ selector: LabelSelector, _ fields: FieldSelector
  ) -> [WatchEvent] {
    var known: [String: KubernetesObject] = [:]
    for object in stretch.listed { known[object.metadata.name] = object }
    var events: [WatchEvent] = []
    for change in history where change.version > stretch.listVersion && change.object.kind == .service {
      let name = change.object.metadata.name
      let isWanted =
        change.kind != .deleted && selector.matches(change.object.metadata.labels) && fields.matches(change.object)
      switch (known[name], isWanted) {
      case (nil, false): break
      case (nil, true): events.append(.added(change.object))
      case (_?, true): events.append(.modified(change.object))
      case (var last?, false):
        if change.kind == .deleted { last = change.object }
        last.metadata.resourceVersion = change.version
        events.append(.deleted(last))
      }
      known[name] = isWanted ? change.object : nil
    }
    return events
  }

  @Test("no change is missed, repeated or reordered, whatever gaps and crashes there are", arguments: 1...12)
  func property(seed: UInt64) throws {
    let storm = try Storm(seed: seed)
    let informers = [
      Informer(storm.rig, .service), Informer(storm.rig, .service, .label(SessionLabel.agent, "k8s-1")),
      Informer(storm.rig, .service, fields: .name("s3")),
    ]
    try storm.blow()
    for informer in informers {
      #expect(!informer.wentBack)
      #expect(
        informer.known
          == storm.rig.cluster.store.list(.service, namespace: Fixture.namespace, informer.selector)
          .filter(informer.fields.matches))
      for (index, stretch) in informer.stretches.enumerated() {
        let all = expected(stretch, storm.history, informer.selector, informer.fields)
        let isLast = index == informer.stretches.count - 1
        #expect(stretch.events == (isLast ? all : Array(all.prefix(stretch.events.count))))
      }
    }
  }

  @Test("the storms of that property do cut, crash and expire")
  func stormsBite() throws {
    var (expired, watches, events) = (0, 0, 0)
    for seed in 1...6 as ClosedRange<UInt64> {
      let storm = try Storm(seed: seed)
      let informer = Informer(storm.rig, .service)
      try storm.blow()
      expired += informer.expired
      watches += informer.watches
      events += informer.stretches.reduce(0) { $0 + $1.events.count }
    }
    #expect(expired >= 3)
    #expect(watches >= 25)
    #expect(events >= 500)
  }
}
