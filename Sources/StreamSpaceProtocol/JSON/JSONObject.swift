/// The members of a JSON object in the order they are written.
///
/// Look-up is linear: the objects of this protocol have at most some twenty members.
package struct JSONObject: Sendable, Hashable {
  /// One key with its value.
  package struct Member: Sendable, Hashable {
    package var key: String
    package var value: JSONValue

    package init(key: String, value: JSONValue) {
      self.key = key
      self.value = value
    }
  }

  /// The members in the order of the document. A key occurs once: the parser keeps the last value of a repeated key, as
  /// Go's decoder does.
  package private(set) var members: [Member]

  /// An object without members that has room for some.
  package init(reserving capacity: Int = 0) {
    members = []
    if capacity > 0 { members.reserveCapacity(capacity) }
  }

  /// An object of these members; the caller sees to it that no key occurs twice.
  package init(_ members: [Member]) {
    self.members = members
  }

  /// Number of members.
  package var count: Int { members.count }

  /// Whether there is no member.
  package var isEmpty: Bool { members.isEmpty }

  /// The value under a key. Setting nil removes the member, setting a value replaces it in place or appends it.
  package subscript(key: String) -> JSONValue? {
    get {
      for member in members where member.key == key { return member.value }
      return nil
    }
    set {
      let index = members.firstIndex { $0.key == key }
      switch (index, newValue) {
      case (let index?, let value?): members[index].value = value
      case (let index?, nil): members.remove(at: index)
      case (nil, let value?): members.append(Member(key: key, value: value))
      case (nil, nil): break
      }
    }
  }

  /// Appends a member without looking whether the key is there: for building an object whose keys are known.
  package mutating func add(_ key: String, _ value: some JSONConvertible) {
    members.append(Member(key: key, value: value.json))
  }

  /// Appends a member when there is a value: Go's `omitempty`.
  package mutating func addIfPresent(_ key: String, _ value: (some JSONConvertible)?) {
    guard let value else { return }
    members.append(Member(key: key, value: value.json))
  }

  /// The same members with the keys in byte order, at every depth.
  package var sortedByKey: JSONObject {
    JSONObject(
      members.map { Member(key: $0.key, value: $0.value.sortedByKey) }
        .sorted { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) })
  }

  /// The same members with the keys in the order of `jsonb`, at every depth.
  package var inJSONBOrder: JSONObject {
    JSONObject(
      members.map { Member(key: $0.key, value: $0.value.inJSONBOrder) }
        .sorted { left, right in
          let (leftCount, rightCount) = (left.key.utf8.count, right.key.utf8.count)
          if leftCount != rightCount { return leftCount < rightCount }
          return left.key.utf8.lexicographicallyPrecedes(right.key.utf8)
        })
  }
}
