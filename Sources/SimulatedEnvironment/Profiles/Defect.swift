import ControlPlane
import Database
import KubernetesAgent

/// The policies of every component: the contract, unless a defect changes one (DESIGN §4).
struct Behaviours {
  var controlPlane = ControlPlaneBehaviour()
  var agent = AgentBehaviour()
}

/// One named departure from the contract (spec/05).
public struct Defect: Sendable {
  /// `B-01`.
  public let id: String
  /// The stable name of spec/05, for example `unregister-by-id-kills-successor`.
  public let slug: String
  public let component: String
  /// What the code does instead.
  public let mechanism: String
  /// Where StreamSpace met it.
  public let origin: String
  /// Invariants that it breaks.
  public let invariants: [String]
  /// Cases of this harness that must turn red.
  public let cases: [String]
  let apply: @Sendable (inout Behaviours) -> Void
}

/// The defects that can be switched on.
public enum DefectCatalogue {
  /// In the order of their ids.
  public static let all: [Defect] = hub + commands

  /// By id (any case) or slug.
  public static func defect(_ name: String) -> Defect? {
    all.first { $0.id == name.uppercased() || $0.slug == name.lowercased() }
  }

  private static let hub: [Defect] = [
    Defect(
      id: "A-01", slug: "hub-connections-not-shared", component: "control plane: hub, selector",
      mechanism: "A replica looks for an agent in its own map only; Redis is not asked.",
      origin: "P1-MULTI-POD-001 (#134)", invariants: ["I-ACCEPT", "I-CMD-LIVE"], cases: ["HA-API-02", "HA-API-03"]
    ) {
      $0.controlPlane.hub.routing = .localMapOnly
      $0.controlPlane.sessions.reach = .ownConnections
    },
    Defect(
      id: "A-04", slug: "stale-threshold-equals-heartbeat", component: "control plane: hub",
      mechanism: "An agent counts as stale after 30 s, which is its heartbeat interval.",
      origin: "HA_CHAOS_TESTING_RESULTS (stability finding)", invariants: ["I-ONE-CONN", "I-STATUS"],
      cases: ["HA-API-14"]
    ) { $0.controlPlane.hub.staleThreshold = .seconds(30) },
    Defect(
      id: "A-05", slug: "heartbeat-does-not-set-online", component: "control plane: hub",
      mechanism: "A heartbeat writes its time and not the status: once offline, always offline.",
      origin: "P1-AGENT-STATUS-001 (#132)", invariants: ["I-STATUS"], cases: ["HA-API-09", "HA-API-10", "HA-LE-02"]
    ) {
      $0.controlPlane.hub.heartbeatStatus = .timestampOnly
      // The offline write of its time: guarded by an epoch there would be nothing to repair.
      $0.controlPlane.hub.presenceRemoval = .always
    },
    Defect(
      id: "B-01", slug: "unregister-by-id-kills-successor", component: "control plane: hub",
      mechanism: "The end of an old connection unregisters whatever is registered under the agent's id.",
      origin: "still in head [rec 06]; H01", invariants: ["I-ONE-CONN", "I-ROUTE"],
      cases: ["HA-API-10", "HA-LE-02", "DOCK-08"]
    ) { $0.controlPlane.hub.unregistration = .byAgentID },
    Defect(
      id: "B-02", slug: "late-unregister-erases-successor-route", component: "control plane: hub",
      mechanism:
        "A late unregister deletes the route and sets the row offline, although both describe another replica.",
      origin: "still in head [rec 06]; H03", invariants: ["I-ROUTE", "I-STATUS", "I-CMD-LIVE"],
      cases: ["HA-API-09", "CHAOS-06"]
    ) {
      $0.controlPlane.hub.routeRemoval = .blind
      $0.controlPlane.hub.presenceRemoval = .always
    },
    Defect(
      id: "B-03", slug: "route-refresh-is-expire-only", component: "control plane: hub",
      mechanism: "Heartbeats only extend the life of the route keys: what is gone never comes back.",
      origin: "still in head [rec 06]; H04", invariants: ["I-ROUTE"], cases: ["HA-API-07", "HA-API-08", "CHAOS-04"]
    ) { $0.controlPlane.hub.routeRefresh = .expireOnly },
  ]

  private static let commands: [Defect] = [
    Defect(
      id: "A-06", slug: "pending-scan-null-error", component: "control plane: dispatcher",
      mechanism: "The scan for pending commands skips every row whose error_message is NULL.",
      origin: "P1-COMMAND-SCAN-001 (#133)", invariants: ["I-CMD-LIVE"], cases: ["HA-API-13", "DBM-13"]
    ) { $0.controlPlane.dispatch.pendingScan = .skipsNullError },
    Defect(
      id: "B-10", slug: "publish-to-nobody-counts-as-sent", component: "control plane: dispatcher",
      mechanism: "PUBLISH with no receiver counts as a delivery: the row becomes sent.",
      origin: "still in head [rec 05b, 08]; H05", invariants: ["I-CMD-TRUTH", "I-CMD-LIVE"],
      cases: ["HA-API-06", "HA-API-17"]
    ) { $0.controlPlane.dispatch.unheardPublish = .countsAsSent },
  ]
}
