/// What can be done to a component from outside.
package enum DriverVerb: String, Sendable, Hashable, CaseIterable, Comparable {
  case start
  /// SIGTERM, and time to end in order.
  case stop
  /// SIGKILL: nothing more runs.
  case kill
  /// Frozen, with its sockets open.
  case pause
  case resume

  package static func < (left: DriverVerb, right: DriverVerb) -> Bool {
    (allCases.firstIndex(of: left) ?? 0) < (allCases.firstIndex(of: right) ?? 0)
  }
}

/// How a component is, as far as its driver can see.
package enum ComponentState: String, Sendable, Hashable {
  case running, paused, stopped
}

/// Why a driver did not do what it was asked.
package enum DriverError: Error, Sendable, Hashable, CustomStringConvertible {
  case unknown(component: String)
  /// Its name is not in `safety.allow`.
  case notAllowed(component: String)
  case notOffered(DriverVerb, component: String, reason: String)
  /// The recorded process has gone, or its number belongs to another by now.
  case gone(component: String, reason: String)
  case failed(DriverVerb, component: String, reason: String)

  package var description: String {
    switch self {
    case .unknown(let component): "no component is called '\(component)'"
    case .notAllowed(let component): "'\(component)' is not in safety.allow: no driver acts on it"
    case .notOffered(let verb, let component, let reason):
      "'\(component)' cannot be made to \(verb.rawValue): \(reason)"
    case .gone(let component, let reason): "'\(component)' is not there: \(reason)"
    case .failed(let verb, let component, let reason): "\(verb.rawValue) of '\(component)' failed: \(reason)"
    }
  }
}

/// Acts on one component. Each call returns when it is done, or fails within the driver's time limit. For one thread at
/// a time.
package protocol ComponentDriver: AnyObject {
  /// What it can do, with why it cannot do the rest.
  var offer: ComponentOffer { get }
  func state() throws(DriverError) -> ComponentState
  func perform(_ verb: DriverVerb) throws(DriverError)
}

/// What a driver can do to its component.
package struct ComponentOffer: Sendable, Hashable {
  package var component: String
  /// In their order; empty: nothing.
  package var verbs: [DriverVerb]
  /// Why not all; empty if all.
  package var reason: String

  package init(_ component: String, _ verbs: [DriverVerb], reason: String = "") {
    self.component = component
    self.verbs = verbs.sorted()
    self.reason = reason
  }
}
