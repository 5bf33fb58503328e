/// A WATCH: the path of a list with `watch=true` (spec/04 §4.2). The answer is a stream of ``WatchEvent``.
package struct KubernetesWatch: Sendable {
  package var kind: KubernetesKind
  /// Empty: all of them.
  package var namespace: String
  package var selector: LabelSelector
  package var fields: FieldSelector
  /// Changes after this version are told; 0 stands for none: first ADDED for every object, then changes.
  package var resourceVersion: Int64
  /// `allowWatchBookmarks`: about once a minute the version reached is told, even if nothing changed.
  package var allowsBookmarks: Bool
  /// `sendInitialEvents`: the end of the first ADDED is told by a bookmark.
  package var sendsInitialEvents: Bool
  /// The server ends the watch after that; nil: when it likes, 30 to 60 min.
  package var timeoutSeconds: Int64?
  /// Who asks, as in ``KubernetesRequest/caller``.
  package var caller: String

  package init(
    _ kind: KubernetesKind, namespace: String, _ selector: LabelSelector = .everything,
    fields: FieldSelector = .everything, after resourceVersion: Int64 = 0, allowsBookmarks: Bool = false,
    sendsInitialEvents: Bool = false, timeoutSeconds: Int64? = nil, caller: String
  ) {
    self.kind = kind
    self.namespace = namespace
    self.selector = selector
    self.fields = fields
    self.resourceVersion = resourceVersion
    self.allowsBookmarks = allowsBookmarks
    self.sendsInitialEvents = sendsInitialEvents
    self.timeoutSeconds = timeoutSeconds
    self.caller = caller
  }

  /// Whether an object is one of those that are watched.
  package func covers(_ object: KubernetesObject) -> Bool {
    object.kind == kind && (namespace.isEmpty || object.metadata.namespace == namespace)
      && selector.matches(object.metadata.labels) && fields.matches(object)
  }

  /// Method and path, as a log shows them.
  package var line: String {
    var parameters = ["watch=true"]
    if allowsBookmarks { parameters.append("allowWatchBookmarks=true") }
    if !fields.requirements.isEmpty {
      parameters.append("fieldSelector=\(PercentCoding.encodedQuery(fields.description))")
    }
    if !selector.requirements.isEmpty {
      parameters.append("labelSelector=\(PercentCoding.encodedQuery(selector.description))")
    }
    if resourceVersion > 0 { parameters.append("resourceVersion=\(resourceVersion)") }
    if sendsInitialEvents { parameters.append("sendInitialEvents=true&resourceVersionMatch=NotOlderThan") }
    if let timeoutSeconds { parameters.append("timeoutSeconds=\(timeoutSeconds)") }
    return "GET \(kind.path(namespace: namespace))?\(parameters.joined(separator: "&"))"
  }

  /// About what request line and headers take; serves bandwidth only.
  package var estimatedByteCount: Int { 360 }
}

/// One line of a watch (spec/04 §4.2).
package enum WatchEvent: Sendable, Hashable {
  /// The object is new, or begins to match the selectors.
  case added(KubernetesObject)
  case modified(KubernetesObject)
  /// The object is gone, or matches no longer: its last state that was seen, with the version of the change.
  case deleted(KubernetesObject)
  /// Everything up to this version has been told. `endsInitialEvents`: what existed at the beginning has been told.
  case bookmark(resourceVersion: Int64, endsInitialEvents: Bool)
  /// The watch cannot go on; the stream ends after it.
  case error(KubernetesFailure)

  /// `type`
  package var type: String {
    switch self {
    case .added: "ADDED"
    case .modified: "MODIFIED"
    case .deleted: "DELETED"
    case .bookmark: "BOOKMARK"
    case .error: "ERROR"
    }
  }

  /// From where a reader goes on after this event; nil for an error.
  package var resourceVersion: Int64? {
    switch self {
    case .added(let object), .modified(let object), .deleted(let object): object.metadata.resourceVersion
    case .bookmark(let version, _): version
    case .error: nil
    }
  }

  /// About what the line takes; serves bandwidth and back-pressure.
  package var estimatedByteCount: Int {
    switch self {
    case .added(let object), .modified(let object), .deleted(let object): 30 + object.estimatedByteCount
    case .bookmark: 150
    case .error: 300
    }
  }
}
