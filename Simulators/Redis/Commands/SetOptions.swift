import StreamSpaceProtocol

/// A time at which a key shall expire, as a client words it.
struct ExpiryTime {
  enum Unit { case seconds, milliseconds }

  let amount: Int64
  let unit: Unit
  let isAbsolute: Bool

  /// Server time in milliseconds; amounts of 0 and less, and overflows, are errors (`SET`, `SETEX`, `GETEX`).
  func absolute(now: Int64, command: String) throws(RedisError) -> Int64 {
    guard amount > 0, let time = milliseconds(now: now) else { throw .invalidExpiry(command) }
    return time
  }

  /// Server time in milliseconds; only an overflow is an error (`EXPIRE` and its like).
  func absoluteOrPast(now: Int64, command: String) throws(RedisError) -> Int64 {
    guard let time = milliseconds(now: now) else { throw .invalidExpiry(command) }
    return time
  }

  private func milliseconds(now: Int64) -> Int64? {
    let (scaled, overflow) = amount.multipliedReportingOverflow(by: unit == .seconds ? 1_000 : 1)
    guard !overflow else { return nil }
    guard !isAbsolute else { return scaled }
    let (time, overflowed) = scaled.addingReportingOverflow(now)
    return overflowed ? nil : time
  }
}

/// The options of `SET` and `GETEX`, in any order.
struct SetOptions {
  struct Allowed: OptionSet {
    let rawValue: Int
    static let condition = Allowed(rawValue: 1)
    static let get = Allowed(rawValue: 2)
    static let keep = Allowed(rawValue: 4)
    static let expiry = Allowed(rawValue: 8)
    static let persist = Allowed(rawValue: 16)
  }

  /// `XX` (true) or `NX` (false).
  private(set) var mustExist: Bool?
  private(set) var returnsOld = false
  private(set) var keepsExpiry = false
  private(set) var persists = false
  private var expiryWord: String?
  private var expiryIndex = 0

  /// Reads the options of a command. The number of an expiry is read later, by ``expiry(_:)``: commands look at other
  /// things first.
  init(_ call: Invocation, from start: Int, allowing allowed: Allowed) throws(RedisError) {
    var index = start
    while index < call.count {
      let word = call.word(index)
      switch word {
      case "NX" where allowed.contains(.condition) && mustExist != true: mustExist = false
      case "XX" where allowed.contains(.condition) && mustExist != false: mustExist = true
      case "GET" where allowed.contains(.get): returnsOld = true
      case "KEEPTTL" where allowed.contains(.keep) && expiryWord == nil: keepsExpiry = true
      case "PERSIST" where allowed.contains(.persist) && expiryWord == nil: persists = true
      case "EX", "PX", "EXAT", "PXAT":
        guard allowed.contains(.expiry), !keepsExpiry, !persists, expiryWord == nil || expiryWord == word,
          index + 1 < call.count
        else { throw .syntax }
        expiryWord = word
        expiryIndex = index + 1
        index += 1
      default: throw .syntax
      }
      index += 1
    }
  }

  /// The expiry that was asked for.
  func expiry(_ call: Invocation) throws(RedisError) -> ExpiryTime? {
    guard let expiryWord else { return nil }
    return ExpiryTime(
      amount: try call.integer(expiryIndex), unit: expiryWord.hasPrefix("E") ? .seconds : .milliseconds,
      isAbsolute: expiryWord.hasSuffix("AT"))
  }
}
