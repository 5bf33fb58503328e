import StreamSpaceProtocol
import Testing

/// The proof of the protocol types: what the real system wrote comes out of them as it went in.
@Suite("Recordings of the real system")
struct RecordingTests {
  @Test("every body, frame and Redis value decodes and encodes again equal", arguments: Recording.all)
  func roundTrip(_ recording: Recording) {
    for exhibit in Exhibits.of(recording) {
      guard let fault = exhibit.fault, NotModelled.reason(exhibit.label) == nil else { continue }
      Issue.record("\(exhibit.label) (\(exhibit.place)): \(fault)")
    }
  }

  @Test("every exception of the table still occurs and is still needed", arguments: NotModelled.table)
  func exceptionOccurs(_ entry: NotModelled) {
    let matching = NotModelledEvidence.faults.filter { $0.label == entry.label }
    #expect(!matching.isEmpty, "nothing in the recordings is called '\(entry.label)' any more")
    for exhibit in matching {
      #expect(exhibit.fault != nil, "\(exhibit.label) (\(exhibit.place)) is carried: remove it from the table")
    }
  }

  @Test("the walker sees the recordings: no transcript without exhibits, and as many as a count of the files gives")
  func coverage() {
    let labels = Exhibits.all().map(\.label)
    #expect(Recording.all.count == 15)
    #expect(labels.count { $0.hasPrefix("request ") } == 79)
    #expect(labels.count { $0.hasPrefix("answer ") } == 161)
    let origins = ["client frame", "server frame", "feed", "viewer text", "client text", "server text"]
    #expect(labels.count { label in origins.contains { label.hasPrefix($0) } } == 323)
    #expect(labels.count { $0.hasPrefix("agent frame ") } == 48)
    #expect(labels.count { $0.hasPrefix("fake server frame ") } == 27)
    #expect(labels.count { $0 == "redis publish" } == 35)
    #expect(labels.count { $0 == "server frame of joined documents" } == 6)
  }
}

/// The exhibits once, with what went wrong: the table's test asks for each entry.
enum NotModelledEvidence {
  struct Finding: Sendable {
    var label: String
    var place: String
    var fault: String?
  }

  static let faults: [Finding] = Exhibits.all().map { exhibit in
    Finding(label: exhibit.label, place: exhibit.place, fault: exhibit.fault)
  }
}
