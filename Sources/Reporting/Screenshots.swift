import Oracles
import TestEnvironment

/// Pictures that cases took, one line for each subject: those of the first run that has them.
struct Screenshots {
  /// One picture with its place beside the report.
  struct Picture {
    let caseID: String
    let subject: String
    let caption: String
    let file: String
    let png: [UInt8]
  }

  let runs: [CaseRun]

  var pictures: [Picture] {
    var pictures: [Picture] = []
    for run in runs {
      for attachment in run.attachments {
        let id = run.testCase.id
        let isKnown = pictures.contains {
          $0.caseID == id && $0.subject == attachment.subject && $0.caption == attachment.caption
        }
        if isKnown { continue }
        let name = [id, attachment.subject, attachment.caption].map(Self.fileName).joined(separator: "-")
        pictures.append(
          Picture(
            caseID: id, subject: attachment.subject, caption: attachment.caption, file: "screenshots/\(name).png",
            png: attachment.png))
      }
    }
    return pictures
  }

  /// Letters and digits stay, all else becomes a hyphen.
  private static func fileName(_ text: String) -> String {
    let parts = text.split { !($0.isASCII && ($0.isLetter || $0.isNumber)) }
    return parts.joined(separator: "-")
  }

  /// Nil if no case took any.
  var text: String? {
    let pictures = pictures
    var order: [(caseID: String, subject: String)] = []
    for picture in pictures where !order.contains(where: { $0 == (picture.caseID, picture.subject) }) {
      order.append((picture.caseID, picture.subject))
    }
    guard !order.isEmpty else { return nil }
    let rows = order.map { id, subject -> [String] in
      let own = pictures.filter { $0.caseID == id && $0.subject == subject }
      return [id, subject, own.map { "\($0.caption) ![\($0.caption)](\($0.file))" }.joined(separator: " ")]
    }
    return "### Screenshots\n\nWhat a viewer showed.\n\n" + Markdown.table(["case", "what", "pictures"], rows)
  }
}
