import Fixtures
import StreamSpaceProtocol
import Testing

@Suite("Fixtures")
struct FixtureTests {
  @Test("the catalogue holds the eight templates of the scenarios in the order of their ids")
  func catalogue() throws {
    let catalogue = try TemplateCatalogue.decode(Fixtures.templates)
    #expect(
      catalogue.entries.map(\.name) == [
        "firefox-ls", "xterm-vnc", "rfb-desktop", "firefox-browser", "chromium", "libreoffice", "code-server",
        "vnc-raw",
      ])
    #expect(catalogue.entries.map(\.id) == Array(1...8))
    #expect(
      catalogue.entries.map(\.streaming.name) == [
        "selkies", "vnc", "vnc", "selkies", "selkies", "selkies", "selkies", "vnc",
      ])
    #expect(catalogue.entry(named: "rfb-desktop")?.streaming.port == 5900)
    #expect(catalogue.entry(named: "vnc-raw")?.streaming.port == 5900)
  }

  @Test("every template can be read by an agent, with resources in flat form")
  func manifests() throws {
    for entry in try TemplateCatalogue.decode(Fixtures.templates).entries {
      let manifest = try TemplateManifest(json: entry.manifestForAgents)
      #expect(manifest.name == entry.name)
      #expect(!manifest.ports.isEmpty)
      if entry.name != "firefox-ls" {
        _ = try SessionResources(validating: manifest.defaultResources)
        #expect(!manifest.defaultResources.cpu.isEmpty && !manifest.defaultResources.memory.isEmpty)
      }
    }
    let office = try #require(try TemplateCatalogue.decode(Fixtures.templates).entry(named: "libreoffice"))
    #expect(
      try TemplateManifest(json: office.manifest).defaultResources == ResourceAmounts(cpu: "1500m", memory: "3Gi"))
    #expect(try TemplateManifest(json: office.manifest).environment.map(\.name) == ["PUID", "PGID", "TZ"])
  }

  @Test("the recorded templates are what the real list showed, key order included [rec 01]")
  func recordedRows() throws {
    let exhibit = try #require(Exhibits.all().first { $0.label == "answer GET /api/v1/templates 200" })
    let recorded = try TemplateList(json: exhibit.document)
    let catalogue = try TemplateCatalogue.decode(Fixtures.templates)
    for template in recorded.templates {
      let entry = try #require(catalogue.entry(named: template.name))
      var row = entry.row(at: template.createdAt)
      row.updatedAt = template.updatedAt
      #expect(row == template)
    }
    #expect(recorded.templates.count == 2)
    #expect(TemplateList(recorded.templates, filters: recorded.filters) == recorded)
  }

  @Test("agents get the manifest as the recorded command carried it [rec 02]")
  func recordedManifest() throws {
    let exhibit = try #require(Exhibits.all().first { $0.label == "server frame command" })
    let manifest = try #require(exhibit.document["payload"]?["payload"]?["templateManifest"])
    #expect(try TemplateCatalogue.decode(Fixtures.templates).entry(named: "xterm-vnc")?.manifestForAgents == manifest)
  }

  @Test("fifty users and the administrator, each with its quota row")
  func users() throws {
    let roster = try UserRoster.decode(Fixtures.users)
    #expect(roster.entries.count == 51)
    #expect(roster.entries.first?.username == "admin")
    #expect(roster.user(named: "admin")?.role == .admin)
    for user in roster.entries.dropFirst() {
      #expect(user.id == user.username && user.role == .user && user.organisationID == "default-org")
      #expect(user.maxSessions == 5)
      #expect(user.quota.total == SessionResources(cpuMilli: 4000, memoryMebibytes: 8192))
      #expect(FieldRules.isUsername(user.username))
    }
    #expect(roster.entries.map(\.username).dropFirst().first == "u01")
    #expect(roster.entries.last?.username == "u50")
  }

  @Test("the default organisation and a pull class for every image of the catalogue")
  func organisationsAndImages() throws {
    let organisations = try Organisation.decodeAll(Fixtures.organisations)
    #expect(organisations.map(\.id).contains("default-org"))
    let images = try ContainerImage.decodeAll(Fixtures.images)
    for entry in try TemplateCatalogue.decode(Fixtures.templates).entries {
      let image = try TemplateManifest(json: entry.manifest).baseImage
      #expect(images.contains { $0.name == image }, "\(image)")
    }
    #expect(Set(images.map(\.pull)) == Set(ContainerImage.PullClass.allCases))
  }

  @Test(
    "a manifest that an agent cannot use is refused with its text",
    arguments: [
      (nil, TemplateManifest.ParseError.notFound), (.some(.null), .notFound), ("text", .notAnObject), ([:], .noSpec),
      (["spec": 1], .noSpec), (["spec": [:]], .noBaseImage), (["spec": ["baseImage": ""]], .noBaseImage),
      (["Spec": ["BaseImage": "x"]], .noSpec),
    ] as [(JSONValue?, TemplateManifest.ParseError)])
  func badManifests(_ json: JSONValue?, _ expected: TemplateManifest.ParseError) {
    #expect(throws: expected) { try TemplateManifest(json: json) }
  }

  @Test("a catalogue file that lacks a template or a key is refused with the place")
  func badCatalogue() {
    #expect(throws: WireError.missing(path: "recorded")) { try TemplateCatalogue.decode(Array("{}".utf8)) }
    #expect(throws: WireError.missing(path: "templates.firefox-browser")) {
      try TemplateCatalogue.decode(Array(#"{"recorded":[],"fixtures":[],"templates":[]}"#.utf8))
    }
    #expect(throws: WireError.missing(path: "items.0.id")) { try UserRoster.decode(Array("[{}]".utf8)) }
  }
}
