/// The calls and returns of a history in the order of their times, as a list from which an operation can be taken out
/// and put back at its place in constant time.
struct CallList {
  /// An entry: the call of operation n is entry 2n, its return 2n + 1. The head stands before all.
  typealias Entry = Int32

  private let head: Entry
  private var following: [Entry]
  private var preceding: [Entry]
  private let isAnswered: [Bool]
  /// Returns that are still in the list.
  private(set) var returns: Int

  /// `times`: begin and end of each operation; no end: there is no return. At one moment calls stand before returns, so
  /// that operations which only touch count as concurrent.
  init(_ times: [(begin: Duration, end: Duration?)]) {
    head = Entry(2 * times.count)
    following = Array(repeating: -1, count: 2 * times.count + 1)
    preceding = following
    isAnswered = times.map { $0.end != nil }
    returns = isAnswered.count { $0 }
    var entries: [(time: Duration, isReturn: Bool, entry: Entry)] = []
    for (index, time) in times.enumerated() {
      entries.append((time.begin, false, Entry(2 * index)))
      if let end = time.end { entries.append((max(end, time.begin), true, Entry(2 * index + 1))) }
    }
    entries.sort { a, b in
      if a.time != b.time { return a.time < b.time }
      return a.isReturn == b.isReturn ? a.entry < b.entry : b.isReturn
    }
    var last = head
    for item in entries {
      following[Int(last)] = item.entry
      preceding[Int(item.entry)] = last
      last = item.entry
    }
  }

  /// Nil: the list is empty.
  var first: Entry? { entry(after: head) }

  func entry(after entry: Entry) -> Entry? {
    let next = following[Int(entry)]
    return next < 0 ? nil : next
  }

  static func isReturn(_ entry: Entry) -> Bool { entry & 1 == 1 }
  static func operation(of entry: Entry) -> Int { Int(entry >> 1) }

  /// Takes the call and the return of an operation out.
  mutating func lift(_ operation: Int) {
    unlink(Entry(2 * operation))
    if isAnswered[operation] {
      unlink(Entry(2 * operation + 1))
      returns -= 1
    }
  }

  /// Puts back what was lifted last.
  mutating func unlift(_ operation: Int) {
    if isAnswered[operation] {
      link(Entry(2 * operation + 1))
      returns += 1
    }
    link(Entry(2 * operation))
  }

  private mutating func unlink(_ entry: Entry) {
    let before = preceding[Int(entry)]
    let after = following[Int(entry)]
    following[Int(before)] = after
    if after >= 0 { preceding[Int(after)] = before }
  }

  private mutating func link(_ entry: Entry) {
    following[Int(preceding[Int(entry)])] = entry
    let after = following[Int(entry)]
    if after >= 0 { preceding[Int(after)] = entry }
  }
}
