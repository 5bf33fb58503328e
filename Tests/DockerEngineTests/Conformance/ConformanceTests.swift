import Foundation
import StreamSpaceProtocol
import Testing

@testable import DockerEngine

/// What a real engine said in the conversations, recorded once: `fixtures/recordings/docker-engine.json`.
///
/// To record anew: `RECORD_DOCKER=1 swift test --filter RealEngineTests`.
enum RecordedEngine {
  static let file = URL(fileURLWithPath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
    .appendingPathComponent("fixtures/recordings/docker-engine.json")

  static let conversations: [String: Transcript] = load()

  private static func load() -> [String: Transcript] {
    guard let data = try? Data(contentsOf: file), let document = try? JSONParser.parse(Array(data)) else { return [:] }
    var all: [String: Transcript] = [:]
    for member in document["conversations"]?.members?.members ?? [] {
      all[member.key] = Transcript(json: member.value)
    }
    return all
  }

  static func save(_ transcripts: [(String, Transcript)], from engine: RealEngine) throws {
    let head: JSONValue = [
      "what": "conversations with a real Docker Engine; ids, times, addresses and chosen ports are masked",
      "version": .string(engine.version), "command": .string(engine.commandLine),
      "image": "docker import of a tar of busybox-static with links sh, sleep, tail, as tiny:1",
    ]
    // One exchange a line: a change shows as one line.
    let blocks = transcripts.map { name, transcript in
      let lines = (transcript.json.elements ?? []).map { JSONWriter.text(of: $0) }.joined(separator: ",\n")
      return "\(JSONWriter.text(of: .string(name))):[\n\(lines)\n]"
    }
    // The head without its closing brace: the conversations follow as its last member.
    let opening = String(JSONWriter.text(of: head).dropLast())
    let text = "\(opening),\n\"conversations\":{\n\(blocks.joined(separator: ",\n"))\n}}\n"
    try Data(text.utf8).write(to: file)
  }
}

@Suite("Conformance of the Docker Engine simulator")
struct SimulatedEngineTests {
  @Test("the simulator answers as the recorded engine did", arguments: Conversation.all)
  func asRecorded(conversation: Conversation) throws {
    let recorded = try #require(RecordedEngine.conversations[conversation.name], "not recorded")
    let transcript = try conversation.transcript(with: SimulatedArm())
    #expect(!transcript.lines.isEmpty)
    let differences = transcript.differences(from: recorded).filter { difference in
      !KnownDifference.all.contains { $0.covers(difference, in: conversation) }
    }
    #expect(differences == [])
  }

  @Test("every known difference still is one", arguments: KnownDifference.all)
  func knownDifference(known: KnownDifference) throws {
    let conversation = try #require(Conversation.all.first { $0.name == known.conversation })
    let recorded = try #require(RecordedEngine.conversations[conversation.name])
    let transcript = try conversation.transcript(with: SimulatedArm())
    #expect(transcript.differences(from: recorded).contains { known.covers($0, in: conversation) })
  }

  @Test("nothing is recorded that is not asked any more")
  func noRemains() {
    #expect(RecordedEngine.conversations.keys.sorted() == Conversation.all.map(\.name).sorted())
  }
}

@Suite("Conformance of a real Docker Engine")
struct RealEngineTests {
  @Test("a real engine answers as it was recorded, or the reason why there is none")
  func real() throws {
    let engine: RealEngine
    do {
      engine = try RealEngine()
    } catch let unavailable as RealEngine.Unavailable {
      try Test.cancel("\(unavailable)")
    }
    let isRecording = ProcessInfo.processInfo.environment["RECORD_DOCKER"] != nil
    var transcripts: [(String, Transcript)] = []
    for conversation in Conversation.all {
      let recorded = isRecording ? nil : RecordedEngine.conversations[conversation.name] ?? Transcript()
      do {
        let (transcript, differences) = try Self.hold(conversation, with: engine, expecting: recorded)
        transcripts.append((conversation.name, transcript))
        #expect(differences == [], "\(conversation.name)")
      } catch {
        Issue.record("\(conversation.name): \(error)")
      }
    }
    if isRecording { try RecordedEngine.save(transcripts, from: engine) }
  }
  /// Holds a conversation up to three times, each with more patience: the daemon beside us runs on a machine that is
  /// busy with the other tests, so an event may be late and a restart may be missed between two looks. What a real
  /// engine answers otherwise, it answers otherwise every time.
  private static func hold(
    _ conversation: Conversation, with engine: RealEngine, expecting recorded: Transcript?
  ) throws -> (Transcript, differences: [String]) {
    let attempts = 3
    for attempt in 1...attempts {
      engine.patience = Int32(attempt)
      do {
        let transcript = try conversation.transcript(with: engine)
        let differences = recorded.map(transcript.differences(from:)) ?? []
        if differences.isEmpty || attempt == attempts { return (transcript, differences) }
      } catch  where attempt < attempts {
        continue
      }
    }
    preconditionFailure("the last attempt returns or throws")
  }
}
