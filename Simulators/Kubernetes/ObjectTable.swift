import StreamSpaceProtocol

/// The objects of one kind: by name, in order, and by the labels that lists ask for.
final class ObjectTable {
  /// Labels with an index: what agents select by.
  private static let indexed = [SessionLabel.session, SessionLabel.agent]

  private struct Key: Hashable, Comparable {
    let namespace: String
    let name: String

    static func < (a: Key, b: Key) -> Bool { (a.namespace, a.name) < (b.namespace, b.name) }
  }

  private struct IndexKey: Hashable {
    let label: String
    let value: String
  }

  private var objects: [Key: KubernetesObject] = [:]
  private var order: [Key] = []
  private var index: [IndexKey: [Key]] = [:]
  /// Lists by one indexed label, as last answered: agents ask again and again for pods that did not change.
  private var answers: [IndexKey: Answer] = [:]

  private struct Answer {
    let namespace: String
    let objects: [KubernetesObject]
  }

  var count: Int { order.count }

  subscript(reference: ObjectReference) -> KubernetesObject? {
    objects[Key(namespace: reference.namespace, name: reference.name)]
  }

  /// O(log n) beside the move of an array of keys.
  func set(_ object: KubernetesObject) {
    let key = Key(namespace: object.metadata.namespace, name: object.metadata.name)
    forgetAnswers(object.metadata.labels)
    if let old = objects.updateValue(object, forKey: key) {
      guard old.metadata.labels != object.metadata.labels else { return }
      forget(key, labels: old.metadata.labels)
    } else {
      Self.insert(key, into: &order)
    }
    for label in Self.indexed {
      guard let value = object.metadata.labels[label] else { continue }
      Self.insert(key, into: &index[IndexKey(label: label, value: value), default: []])
    }
  }

  func remove(_ reference: ObjectReference) {
    let key = Key(namespace: reference.namespace, name: reference.name)
    guard let old = objects.removeValue(forKey: key) else { return }
    Self.remove(key, from: &order)
    forget(key, labels: old.metadata.labels)
  }

  func list(namespace: String, _ selector: LabelSelector) -> [KubernetesObject] {
    guard selector.requirements.count == 1, case .equals(let label, let value)? = selector.requirements.first,
      Self.indexed.contains(label)
    else { return search(namespace: namespace, selector) }
    let key = IndexKey(label: label, value: value)
    if let answer = answers[key], answer.namespace == namespace { return answer.objects }
    let objects = search(namespace: namespace, selector)
    if index[key] != nil { answers[key] = Answer(namespace: namespace, objects: objects) }
    return objects
  }

  private func search(namespace: String, _ selector: LabelSelector) -> [KubernetesObject] {
    var result: [KubernetesObject] = []
    for key in candidates(selector) {
      guard namespace.isEmpty || key.namespace == namespace, let object = objects[key],
        selector.matches(object.metadata.labels)
      else { continue }
      result.append(object)
    }
    return result
  }

  private func candidates(_ selector: LabelSelector) -> [Key] {
    for requirement in selector.requirements {
      guard case .equals(let label, let value) = requirement, Self.indexed.contains(label) else { continue }
      return index[IndexKey(label: label, value: value)] ?? []
    }
    return order
  }

  private func forgetAnswers(_ labels: Labels) {
    for label in Self.indexed {
      if let value = labels[label] { answers[IndexKey(label: label, value: value)] = nil }
    }
  }

  private func forget(_ key: Key, labels: Labels) {
    forgetAnswers(labels)
    for label in Self.indexed {
      guard let value = labels[label] else { continue }
      let indexKey = IndexKey(label: label, value: value)
      Self.remove(key, from: &index[indexKey, default: []])
      if index[indexKey]?.isEmpty == true { index[indexKey] = nil }
    }
  }

  /// Where `key` stands or would stand.
  private static func position(of key: Key, in keys: [Key]) -> Int {
    var low = 0
    var high = keys.count
    while low < high {
      let middle = (low + high) / 2
      if keys[middle] < key { low = middle + 1 } else { high = middle }
    }
    return low
  }

  private static func insert(_ key: Key, into keys: inout [Key]) {
    let place = position(of: key, in: keys)
    if place == keys.count || keys[place] != key { keys.insert(key, at: place) }
  }

  private static func remove(_ key: Key, from keys: inout [Key]) {
    let place = position(of: key, in: keys)
    if place < keys.count, keys[place] == key { keys.remove(at: place) }
  }
}
