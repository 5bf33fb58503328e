import Foundation
import Scenarios
import TestEnvironment
import Testing

@testable import LiveEnvironment

@Suite("What cases need of a live environment")
struct LiveNeedsTests {
  @Test("the table has 157 cases, 104 promised and 96 rehearsed, each once")
  func counts() {
    #expect(LiveNeeds.all.count == 157)
    #expect(Set(LiveNeeds.all.map(\.id)).count == 157)
    #expect(LiveNeeds.all.count { $0.isPromised } == 104)
    #expect(LiveNeeds.all.count { $0.isRehearsed } == 96)
  }

  @Test("it names the cases of the catalogue, and no others, in their order within a scenario")
  func cases() {
    #expect(Set(LiveNeeds.all.map(\.id)) == Set(Catalogue.cases.map(\.id)))
  }

  @Test("a case is marked as its own definition marks it")
  func marks() {
    let different = Catalogue.cases.filter { LiveNeeds.need(of: $0.id)?.isPromised != $0.isLive }.map(\.id)
    // Its own definition says L; a thousand agents and hours of virtual time are of the simulation only.
    #expect(different == ["PERF-LOAD-05"])
  }

  @Test("what is rehearsed is promised; what is promised needs nothing that only a simulation has")
  func marksAgree() {
    for need in LiveNeeds.all {
      #expect(!need.isRehearsed || need.isPromised, "\(need.id)")
      #expect(!need.capabilities.isEmpty, "\(need.id)")
      if need.isPromised {
        #expect(need.capabilities.filter(Capability.simulatedOnly.contains) == [], "\(need.id)")
      }
    }
  }

  @Test("every capability that is needed or declared is known")
  func known() {
    let names = LiveNeeds.all.flatMap(\.capabilities) + Catalogue.cases.flatMap(\.capabilities)
    let unknown = Set(names.map { Capability($0).name }).subtracting(Capability.live + Capability.simulatedOnly)
    #expect(unknown.sorted() == [])
  }

  @Test("the plan asks for what the table says and for what the case declares")
  func union() throws {
    for testCase in Catalogue.cases {
      let needs = LivePlan.needs(of: testCase)
      #expect(Set(needs) == Set(testCase.capabilities).union(LiveNeeds.need(of: testCase.id)?.capabilities ?? []))
      #expect(needs.count == Set(needs).count)
    }
  }

  // MARK: Matching

  private func set(_ findings: CapabilityFinding...) -> CapabilitySet { CapabilitySet(findings) }

  @Test("numbers mean at least so many")
  func numbers() {
    let three = set(.init("replicas", true, count: 3, ""), .init("agents", true, count: 5, ""))
    #expect(three.missing(of: ["replicas:1", "replicas:3", "agents:5"]) == [])
    #expect(three.missing(of: ["replicas:4", "agents:6", "k8s"]) == ["replicas:4", "agents:6", "k8s"])
    #expect(set(.init("replicas", false, count: 3, "")).missing(of: ["replicas:1"]) == ["replicas:1"])
  }

  @Test("replicas without a hub are one environment, but for a case that asks for just that")
  func withoutHub() {
    let two = set(.init("replicas", true, count: 2, ""), .init("no-redis", true, ""))
    #expect(two.missing(of: ["replicas:1"]) == [])
    #expect(two.missing(of: ["replicas:2"]) == ["replicas:2"])
    #expect(two.missing(of: ["replicas:2", "no-redis"]) == [])
    let hub = set(.init("replicas", true, count: 2, ""), .init("no-redis", false, ""))
    #expect(hub.missing(of: ["replicas:2", "no-redis"]) == ["no-redis"])
  }

  @Test("a capability with a colon that is no number is one name")
  func names() {
    #expect(Capability("docker-ha:file") == Capability("docker-ha:file"))
    #expect(Capability("docker-ha:file").name == "docker-ha:file")
    #expect(Capability("replicas:3").count == 3)
  }
}
