import StreamSpaceProtocol

/// The keys that rows of different tables share, and the texts that many rows draw from.
struct ContentIdentities: Sendable {
  let seed: UInt64
  let size: ContentSize
  let organisations = ["tenant-north", "tenant-s\u{fc}d \u{1f33b}", "default-org"]
  let users: [String]
  let groups: [String]
  let agents: [String]
  let applications: [String]
  /// 2025-01-01T00:00:00Z and up to a day more.
  let start: Int64
  /// JSON arrays of texts.
  let arrays: [String]
  private let sessionKey: UInt64
  private let commandKey: UInt64
  private let short: [String]
  private let medium: [String]
  private let hundred: [String]
  private let long: [String]
  private let unlimited: [String]

  init(seed: UInt64, size: ContentSize) {
    self.seed = seed
    self.size = size
    var draw = ContentDraw(seed: ContentDraw.seed(seed, 1))
    start = 1_735_689_600_000_000 + Int64(draw.below(86_400_000)) * 1_000
    sessionKey = draw.next() & 0xffff_ffff
    commandKey = draw.next() & 0xffff_ffff
    users = Self.keys("user", size.users)
    groups = Self.keys("group", max(16, size.users / 20))
    agents = Self.keys("agent", min(2_000, max(16, size.sessions / 50)))
    applications = Self.keys("app", max(20, size.users / 10))
    short = EdgeTexts(limit: 45).texts
    medium = EdgeTexts(limit: 50).texts
    hundred = EdgeTexts(limit: 100).texts
    long = EdgeTexts(limit: 255).texts
    unlimited = EdgeTexts(limit: nil).texts
    let words = long.filter { $0.unicodeScalars.count < 60 }
    arrays =
      ["[]"]
      + (1..<24).map { count in
        let texts = (0..<(1 + count % 4)).map { words[(count * 5 + $0) % words.count] }
        guard case .text(let array) = SQLValue.array(texts) else { return "[]" }
        return array
      }
  }

  /// Keys of a table: most plain, a few with blanks, quotes, other scripts, and one of 255 code points.
  private static func keys(_ prefix: String, _ count: Int) -> [String] {
    (0..<count).map { index in
      let plain = "\(prefix)-\(index)"
      return switch index {
      case 3: plain + String(repeating: "\u{e4}", count: 255 - plain.count)
      case 4: "\(plain) 'q' \"d\" \\b"
      case 5: "\(plain)-\u{1f680}-e\u{301}-\u{5d0}"
      default: plain
      }
    }
  }

  func edges(_ limit: Int?) -> [String] {
    switch limit {
    case nil: unlimited
    case .some(..<50): short
    case .some(..<100): medium
    case .some(..<255): hundred
    default: long
    }
  }

  /// The key of a session. Different for different numbers below 2^32.
  func session(_ index: Int) -> String {
    let value = UInt64(index) ^ sessionKey
    if index < 12 { return "session-\(index)" }
    if index % 997 == 500 { return "s-\u{1f5a5} '\(value)'" }
    return ContentText.prefixed("desk-", value, 8)
  }

  /// The key of a command. Different for different numbers below 2^32.
  func command(_ index: Int) -> String {
    if index < 12 { return "command-\(index)" }
    return ContentText.prefixed("cmd-", UInt64(index) ^ commandKey, 8)
  }

  /// Documents as `jsonb` would hold them or order anew: nested, empty, with numbers, repeated blanks and other scripts.
  static let documents = [
    "{}", "[]", #"{"a": 1}"#, #"{"zz":1,"a":{"c":[1,2,{"d":null}],"b":true}}"#,
    #"{"text":"line\nfeed \"q\" \\ \u00e9"}"#,
    #"{ "spaces" :  [ 1 ,  2 ] }"#, #"{"big":9007199254740991,"negative":-5,"fraction":0.25}"#,
    "{\"\u{1f600}\":\"e\u{301}\",\"\u{5d0}\":[]}", #"{"":"empty key"}"#, #"{"maxSessions":10,"maxCpu":"8000m"}"#,
    #"{"timeoutSeconds":300,"deletePVC":false}"#, #""only a text""#, "null", "17", "[[[]]]",
  ]
}
