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

  @Test("the walker sees the recordings: no transcript without exhibits, and as many as were counted by hand")
  func coverage() {
    let exhibits = Exhibits.all()
    #expect(Recording.all.count == 15)
    #expect(exhibits.count { $0.label.hasPrefix("answer ") } > 130)
    #expect(exhibits.count { $0.label.hasPrefix("request ") } > 60)
    #expect(exhibits.count { $0.label.contains("frame ") } > 150)
    #expect(exhibits.count { $0.label == "redis publish" } >= 38)
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
