import Oracles
import Scenarios
import TestEnvironment
import Testing

@testable import SimulatedEnvironment

@Suite("Profiles and defects")
struct ProfileTests {
  @Test("the contract has no defect")
  func contract() throws {
    let profile = try Profile("contract")
    #expect(profile.name == "contract")
    #expect(profile.defects.isEmpty)
    #expect(Profile.contract.name == "contract")
  }

  @Test("defects are named by id in any case or by slug, and counted once, in the order given")
  func defects() throws {
    let profile = try Profile("contract+b-03+B-01+late-unregister-erases-successor-route+B-03")
    #expect(profile.name == "contract+B-03+B-01+B-02")
    #expect(profile.defects.map(\.id) == ["B-03", "B-01", "B-02"])
    // The canonical name means the same profile.
    #expect(try Profile(profile.name).name == profile.name)
  }

  @Test(
    "another base is refused, with its name",
    arguments: ["", "shipped", "Contract", "contract B-01", "B-01", "+B-01", " contract"])
  func unknownBase(_ text: String) {
    let error = #expect(throws: ProfileError.self) { try Profile(text) }
    #expect(error?.description.contains("'\(text)' is no profile") == true)
  }

  @Test(
    "an unknown defect is refused, with its name and what there is",
    arguments: ["Z-99", "", " B-01", "B-1"])
  func unknownDefect(_ id: String) {
    let error = #expect(throws: ProfileError.self) { try Profile("contract+B-01+\(id)") }
    #expect(error?.description.contains("'\(id)' is no defect") == true)
    #expect(error?.description.contains("B-10") == true)
  }

  @Test("ids and slugs of defects are unique")
  func catalogueIsUnique() {
    let names = DefectCatalogue.all.flatMap { [$0.id, $0.slug] }
    #expect(Set(names).count == names.count)
  }

  @Test("a defect names known invariants, and cases of the specification", arguments: DefectCatalogue.all.map(\.id))
  func catalogueIsSound(_ id: String) throws {
    let defect = try #require(DefectCatalogue.defect(id))
    #expect(DefectCatalogue.defect(defect.slug)?.id == id)
    let known = Judge.catalogue.map(\.id)
    #expect(!defect.invariants.isEmpty)
    for invariant in defect.invariants { #expect(known.contains(invariant), "\(invariant) is unknown") }
    // Other scenarios follow; of this one every case exists, and it names the defect as one it kills.
    let own = defect.cases.filter { $0.hasPrefix("HA-API-") }
    #expect(!own.isEmpty)
    for name in own {
      let testCase = try #require(Catalogue.cases.first { $0.id == name }, "\(name) does not exist")
      #expect(testCase.kills.contains(id), "\(name) does not name \(id)")
    }
    #expect(!defect.mechanism.isEmpty && !defect.origin.isEmpty && !defect.component.isEmpty)
  }

  @Test("every case that names a defect of the catalogue as killed is named by it")
  func killsAreMutual() {
    for testCase in Catalogue.cases {
      for id in testCase.kills {
        guard let defect = DefectCatalogue.defect(id) else { continue }
        #expect(defect.cases.contains(testCase.id), "\(testCase.id) kills \(id), which does not name it")
      }
    }
  }

  @Test("each defect changes one policy, and two defects change both")
  func behaviours() throws {
    let contract = Profile.contract.behaviours.controlPlane
    #expect(contract.hub.unregistration == .byConnection)
    let first = try Profile("contract+B-01").behaviours.controlPlane
    #expect(first.hub.unregistration == .byAgentID)
    #expect(first.hub.routeRemoval == contract.hub.routeRemoval)
    let both = try Profile("contract+B-01+B-02").behaviours.controlPlane
    #expect(both.hub.unregistration == .byAgentID)
    #expect(both.hub.routeRemoval == .blind)
  }
}
