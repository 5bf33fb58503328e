import Foundation
import StreamSpaceProtocol
import Testing

/// `--json`: one object on standard output, with the keys that DESIGN §7 promises.
@Suite("JSON output")
struct JSONOutputTests {
  private func json(_ arguments: String..., status: Int32 = 0) throws -> JSONValue {
    let result = try CommandLineTool.run(arguments + ["--json"])
    #expect(result.status == status)
    #expect(result.complaints.isEmpty, "something was said beside it: \(result.complaints)")
    return try result.json()
  }

  @Test("run tells of each case, a summary and fingerprints")
  func run() throws {
    let document = try json("run", "HA-API-10", "HA-API-19", "--seed", "3", "--once", "--reports", "reports")
    #expect(
      document.keys.sorted() == [
        "budgets", "cases", "environment", "fingerprint", "profile", "seed", "summary", "wallSeconds",
      ])
    #expect(document["seed"]?.integer == 3)
    #expect(document["profile"]?.text == "contract")
    #expect(document["environment"]?.text == "simulated")
    #expect(document["summary"]?.keys.sorted() == ["failed", "passed", "skipped"])
    #expect(document["summary"]?["passed"]?.integer == 2)
    let cases = try #require(document["cases"]?.elements)
    #expect(cases.map { $0["id"]?.text } == ["HA-API-10", "HA-API-19"])
    for item in cases {
      #expect(
        item.keys.sorted() == [
          "checks", "depth", "fingerprint", "id", "reason", "scenario", "seeds", "title", "verdict", "virtualSeconds",
        ])
      #expect(item["verdict"]?.text == "passed")
      #expect(item["depth"]?.text == "plain")
      #expect(item["scenario"]?.text == "ha-multi-pod-api")
      #expect(item["seeds"]?.integer == 1)
      #expect((item["checks"]?.integer ?? 0) > 0)
      // The deployment goes on for 61 s at least after each case.
      #expect((item["virtualSeconds"]?.integer ?? 0) > 61)
      #expect(item["fingerprint"]?.text?.count == 16)
    }
  }

  @Test("run over several seeds names the range, and counts seeds")
  func runOverSeeds() throws {
    let document = try json("run", "HA-API-19", "--seeds", "2..4", "--once", "--reports", "reports")
    #expect(document["seed"]?.text == "2..4")
    #expect(document["cases"]?.elements?.first?["seeds"]?.integer == 3)
  }

  @Test("run of a red case says so in JSON, too")
  func redRun() throws {
    let document = try json(
      "run", "HA-API-10", "--profile", "contract+B-01", "--once", "--reports", "reports", status: 1)
    #expect(document["profile"]?.text == "contract+B-01")
    #expect(document["summary"]?["failed"]?.integer == 1)
    let item = try #require(document["cases"]?.elements?.first)
    #expect(item["verdict"]?.text == "failed")
    #expect(item["reason"]?.text?.isEmpty == false)
  }

  @Test("list has id, scenario, title and capabilities of each case")
  func list() throws {
    let document = try json("list")
    #expect(document.keys == ["cases"])
    let cases = try #require(document["cases"]?.elements)
    #expect(cases.count >= 19)
    for item in cases {
      // `engines` of those with a database half (DatabaseURLTests).
      #expect(item.keys.filter { $0 != "engines" }.sorted() == ["capabilities", "id", "scenario", "title"])
      #expect(item["capabilities"]?.elements?.isEmpty == false)
    }
  }

  @Test("list of defects has id, slug, component, mechanism, origin, invariants and cases of each")
  func listOfDefects() throws {
    let document = try json("list", "--defects")
    #expect(document.keys == ["defects"])
    let defects = try #require(document["defects"]?.elements)
    #expect(defects.count >= 60)
    for item in defects {
      #expect(
        item.keys.sorted() == ["cases", "component", "id", "invariants", "mechanism", "origin", "slug"])
      for key in ["id", "slug", "component", "mechanism", "origin"] { #expect(item[key]?.text?.isEmpty == false) }
      #expect(item["invariants"]?.elements != nil)
      #expect(item["cases"]?.elements?.isEmpty == false)
    }
    let first = try #require(defects.first { $0["id"]?.text == "B-01" })
    #expect(first["slug"]?.text == "unregister-by-id-kills-successor")
  }

  @Test("list of defects can be narrowed to those that some cases catch")
  func listOfSomeDefects() throws {
    let defects = try #require(try json("list", "--defects", "HA-API-10")["defects"]?.elements)
    #expect(defects.contains { $0["id"]?.text == "B-01" })
    #expect(defects.allSatisfy { $0["cases"]?.elements?.contains { $0.text == "HA-API-10" } == true })
  }

  @Test("explain is an object for cases, defects and invariants", arguments: ["HA-API-10", "B-01", "I-ROUTE"])
  func explain(_ subject: String) throws {
    let document = try json("explain", subject)
    #expect(document.members != nil)
    #expect(document.keys.first.flatMap { document[$0]?.text } == subject)
  }

  @Test("mutants has id, tier, verdict, what killed it and seeds of each defect, survivors, and what is not exercised")
  func mutants() throws {
    let document = try json("mutants", "--defect", "B-33", "HA-API", "CHAOS-03")
    #expect(document.keys.sorted() == ["defects", "notExercised", "survivors"])
    let defect = try #require(document["defects"]?.elements?.first)
    #expect(defect.keys.sorted() == ["by", "id", "killed", "seeds", "tier"])
    #expect(defect["id"]?.text == "B-33")
    #expect(defect["tier"]?.text == "B")
    #expect(defect["killed"] == .bool(true))
    let kill = try #require(defect["by"]?.elements?.first)
    #expect(kill.keys.sorted() == ["case", "invariant", "seed", "shown", "variant"])
    #expect(kill["invariant"]?.text?.hasPrefix("I-") == true)
    #expect(document["survivors"] == .array([]))
    let exempt = try #require(document["notExercised"]?.elements?.first)
    #expect(exempt["case"]?.text == "CHAOS-03")
    #expect(exempt["reason"]?.text?.isEmpty == false)
  }

  @Test("bench has name, unit, value, budget and verdict of each program")
  func bench() throws {
    // A debug build misses budgets; that is code 1 and no usage error.
    let result = try CommandLineTool.run(["bench", "sleeps", "--repeats", "1", "--json"])
    #expect(result.status == 0 || result.status == 1)
    let programs = try #require(try result.json()["programs"]?.elements)
    #expect(programs.count == 1)
    #expect(programs[0].keys.sorted() == ["budget", "met", "name", "unit", "value"])
    #expect(programs[0]["name"]?.text == "sleeps")
    #expect((programs[0]["value"]?.integer ?? 0) > 0)
  }
}
