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
    // I-SCHEMA comes with the migrations (scenario 9).
    for invariant in defect.invariants where invariant != "I-SCHEMA" {
      #expect(known.contains(invariant), "\(invariant) is unknown")
    }
    #expect(!defect.cases.isEmpty)
    // Other scenarios follow; of those that there are, every case exists.
    let here = Set(Catalogue.cases.map { Self.family($0.id) })
    for name in defect.cases where here.contains(Self.family(name)) {
      #expect(Catalogue.cases.contains { $0.id == name }, "\(name) does not exist")
    }
    #expect(!defect.mechanism.isEmpty && !defect.origin.isEmpty && !defect.component.isEmpty)
  }

  /// `HA-API` of `HA-API-06`.
  private static func family(_ id: String) -> Substring { id.prefix(upTo: id.lastIndex(of: "-") ?? id.endIndex) }

  /// The lists of spec/05 and spec/06 differ in places: a case may name a defect that names other cases.
  @Test("nearly every case that names a defect of the catalogue as killed is named by it")
  func killsAreMutual() {
    let pairs = Catalogue.cases.flatMap { testCase in testCase.kills.map { (testCase.id, $0) } }
      .compactMap { name, id in DefectCatalogue.defect(id).map { (name, $0) } }
    let oneSided = pairs.filter { name, defect in !defect.cases.contains(name) }
    #expect(pairs.count > 20 && oneSided.count * 5 <= pairs.count, "\(oneSided.map { "\($0.0) \($0.1.id)" })")
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
