/// What a case needs of a live environment: the table of spec/08 §3.
package struct LiveNeed: Sendable, Hashable {
  package var id: String
  /// Marked **L**: promised to run live. Others may be run live too, if nothing they need is of the simulation only.
  package var isPromised: Bool
  /// Marked **R**: runs in the self-rehearsal.
  package var isRehearsed: Bool
  /// Names of spec/08 §2, in the order of the table.
  package var capabilities: [String]
}

package enum LiveNeeds {
  /// Every case, in the order of the specification.
  package static let all: [LiveNeed] = table.split(separator: "\n").map { line in
    let words = line.split(separator: " ").map(String.init)
    return LiveNeed(
      id: words[0], isPromised: words[1] == "L", isRehearsed: words[2] == "R", capabilities: Array(words.dropFirst(3)))
  }

  private static let byID = Dictionary(uniqueKeysWithValues: all.map { ($0.id, $0) })

  /// What the table says of a case.
  package static func need(of id: String) -> LiveNeed? { byID[id] }

  /// Id, mark (L promised, s simulated first), R in the rehearsal, then what it needs.
  private static let table = """
    HA-API-01    L R replicas:3 redis-read sql k8s agents:6
    HA-API-02    L R replicas:3 k8s users
    HA-API-03    L R replicas:2 sql k8s
    HA-API-04    L R replicas:3 k8s agents:3 agent-stop
    HA-API-05    L R replicas:2 redis-read sql k8s vnc api-stop
    HA-API-06    s - replicas:2 sql k8s api-kill schedule
    HA-API-07    L R replicas:3 redis-control k8s agents:3
    HA-API-08    L R replicas:3 redis-control redis-read k8s agent-stop
    HA-API-09    s - replicas:3 redis-read sql k8s net-fault
    HA-API-10    s - replicas:2 k8s net-fault schedule
    HA-API-11    L R replicas:3 k8s users vnc api-stop
    HA-API-12    s - replicas:3 sql-write k8s schedule
    HA-API-13    L R replicas:2 sql k8s agent-kill
    HA-API-14    s - replicas:1 sql k8s net-fault frames
    HA-API-15    s - replicas:1 agents:15 api-pause net-fault
    HA-API-16    s - replicas:3 redis-control config
    HA-API-17    s - replicas:3 redis-control schedule
    HA-API-18    s - replicas:2 db-control frames schedule
    HA-API-19    L R replicas:2 no-redis k8s
    HA-LE-01     L R replicas:3 k8s-ha enrol
    HA-LE-02     L R replicas:3 k8s-ha agent-stop vnc
    HA-LE-03     L R replicas:3 k8s-ha agent-kill
    HA-LE-04     L R replicas:3 k8s-ha agent-stop
    HA-LE-05     L R replicas:3 k8s-ha
    HA-LE-06     s - replicas:3 k8s-ha agent-kill agent-pause schedule
    HA-LE-07     s - replicas:3 k8s-ha net-fault
    HA-LE-08     s - replicas:3 k8s-ha net-fault
    HA-LE-09     s - replicas:3 k8s-ha agent-pause fencing
    HA-LE-10     s - replicas:3 k8s-ha clock
    HA-LE-11     s - replicas:3 k8s-ha platform-fault
    HA-LE-12     s - replicas:3 k8s-ha api-stop agent-kill
    HA-LE-13     L R replicas:3 k8s-ha config
    HA-LE-14     L R replicas:3 k8s-ha users vnc agent-stop agent-kill
    HA-LE-15     L R replicas:3 k8s-ha users agent-kill
    HA-LE-16     s - replicas:3 k8s-ha platform-fault schedule
    HA-LE-17     s - replicas:3 k8s-ha platform-fault
    DOCK-01      L R replicas:2 docker config
    DOCK-02      L R replicas:2 docker platform-read
    DOCK-03      L R replicas:2 docker platform-read
    DOCK-04      L R replicas:2 docker platform-read
    DOCK-05      L R replicas:2 docker platform-read users
    DOCK-06      s - replicas:2 docker frames sql
    DOCK-07      s - replicas:2 docker frames sql
    DOCK-08      L - replicas:2 docker net-fault
    DOCK-09      L R replicas:2 docker platform-fault
    DOCK-10      s - replicas:2 docker agent-kill schedule
    DOCK-11      s - replicas:2 docker frames
    DOCK-12      L R replicas:2 docker platform-fault
    DOCK-13      L R replicas:2 docker-ha:file agent-kill agent-pause platform-fault
    DOCK-14      L R replicas:2 docker-ha:redis agent-stop agent-kill agent-pause redis-control
    DOCK-15      L - replicas:2 docker-ha:swarm agent-kill clock-container
    DOCK-16      L R replicas:2 docker workload-control
    DOCK-17      s - replicas:2 docker agents:2 schedule
    DOCK-18      L R replicas:2 docker enrol sql
    VNC-K-01     L R replicas:2 k8s vnc
    VNC-K-02     L R replicas:1 k8s vnc-raw
    VNC-K-03     L R replicas:1 k8s vnc
    VNC-K-04     L R replicas:2 k8s vnc
    VNC-K-05     L R replicas:1 k8s vnc
    VNC-K-06     s - replicas:3 k8s vnc schedule
    VNC-K-07     L R replicas:1 k8s users vnc
    VNC-K-08     L R replicas:3 k8s vnc
    VNC-K-09     L R replicas:3 k8s users vnc api-kill
    VNC-K-10     L R replicas:1 k8s vnc agent-stop
    VNC-K-11     L R replicas:1 k8s vnc workload-control
    VNC-K-12     L R replicas:1 k8s vnc platform-fault
    VNC-K-13     L R replicas:2 k8s users orgs vnc
    VNC-K-14     L R replicas:1 k8s vnc
    VNC-K-15     L R replicas:1 k8s vnc vnc-raw
    VNC-K-16     s - replicas:1 k8s vnc schedule
    VNC-K-17     L R replicas:2 k8s vnc
    VNC-D-01     L R replicas:2 docker vnc
    VNC-D-02     L R replicas:2 docker vnc vnc-raw
    VNC-D-03     L - replicas:2 docker vnc net-fault
    VNC-D-04     L R replicas:2 docker vnc workload-control
    VNC-D-05     L R replicas:2 docker vnc
    VNC-D-06     L R replicas:2 docker-ha:redis vnc agent-kill
    VNC-D-07     s - replicas:2 k8s docker vnc same-seed
    CHAOS-01     L R replicas:2 k8s-ha users redis-control api-kill redis-read
    CHAOS-02     L R replicas:3 k8s-ha users vnc api-kill agent-kill
    CHAOS-03     L R replicas:3 k8s-ha users licence-raised api-kill agent-kill
    CHAOS-04     s - replicas:3 k8s-ha redis-control schedule
    CHAOS-05     L R replicas:3 k8s-ha users db-control
    CHAOS-06     s - replicas:3 net-fault two-redis
    CHAOS-07     L R replicas:3 k8s-ha users licence-raised api-kill redis-control agent-kill
    CHAOS-08     s - replicas:3 k8s-ha clock api-kill agent-kill
    CHAOS-09     s - replicas:2 agents:3 schedule
    CHAOS-10     L R replicas:3 k8s-ha api-stop agent-stop redis-control db-control
    CHAOS-11     s - replicas:3 agents:50 api-kill schedule
    CHAOS-12     s - replicas:3 k8s-ha api-kill agent-kill platform-fault schedule
    CHAOS-13     s - replicas:2 k8s schedule db-control
    CHAOS-14     s - replicas:3 k8s-ha users licence-raised virtual-time
    CHAOS-15     s - replicas:3 k8s-ha platform-fault schedule
    CHAOS-16     s - replicas:3 k8s-ha db-control api-kill agent-kill virtual-time
    MU-01        L R replicas:1 k8s
    MU-02        L R replicas:3 agents:3 users platform-read
    MU-03        L R replicas:2 k8s users orgs
    MU-04        L R replicas:2 k8s users orgs
    MU-05        L R replicas:2 k8s users orgs
    MU-06        L R replicas:3 k8s users
    MU-07        L R replicas:1 k8s users platform-fault
    MU-08        L R replicas:2 k8s users
    MU-09        L R replicas:3 agents:3 users vnc
    MU-10        L R replicas:3 agents:3 users sql
    MU-11        s - replicas:3 k8s schedule
    MU-12        L R replicas:1 k8s
    MU-13        s - replicas:2 users schedule
    MU-14        L R replicas:3 k8s users cache-on
    MU-15        s - replicas:2 k8s schedule
    MU-16        L R replicas:1 k8s users
    PERF-THR-01  L R replicas:3 agents:5 users capacity:20
    PERF-THR-02  L R replicas:1 agents:3 users capacity:20
    PERF-THR-03  L R replicas:2 k8s users platform-fault
    PERF-THR-04  s - replicas:1 k8s users platform-fault schedule
    PERF-THR-05  L R replicas:3 agents:5 users capacity:60
    PERF-RES-01  L - replicas:3 agents:5 users metrics capacity:50 licence-raised
    PERF-RES-02  L R replicas:3 sql users capacity:100 licence-raised
    PERF-RES-03  L R replicas:2 k8s vnc sql
    PERF-RES-04  L - replicas:1 k8s-ha users metrics
    PERF-RES-05  L - replicas:1 redis-control agents:100
    PERF-LOAD-01 L R replicas:3 agents:5 users vnc licence-raised capacity:50
    PERF-LOAD-02 L R replicas:3 agents:5 users licence-raised capacity:100
    PERF-LOAD-03 L - replicas:3 agents:15 users vnc licence-raised capacity:300
    PERF-LOAD-04 s - replicas:2 agent-kill seed-state
    PERF-LOAD-05 s - replicas:3 agents:1000 virtual-time
    PERF-LOAD-06 s - replicas:3 agents:5 db-control seed-state
    XP-01        L R replicas:1 k8s docker
    XP-02        L R replicas:3 k8s docker agents:5 users
    XP-03        L R replicas:2 docker
    XP-04        s - replicas:1 k8s docker frames config
    XP-05        L R replicas:1 k8s docker templates
    XP-06        s - replicas:1 frames config
    XP-07        s - versions
    XP-08        L - replicas:3 k8s-ha docker-ha:file docker-ha:redis docker-ha:swarm agent-stop agent-kill agent-pause
    XP-09        L R replicas:2 k8s cache-on
    XP-10        L R replicas:3 agents:3 users
    XP-11        s - replicas:3 frames config
    XP-12        L R replicas:1 k8s docker platform-read
    XP-13        s - replicas:2 k8s docker clock
    XP-14        L R replicas:1 agents:3 users
    DBM-01       L R replicas:1 database-own config k8s
    DBM-02       L R database-own
    DBM-03       L R database-own
    DBM-04       L R database-own
    DBM-05       L R database-own
    DBM-06       s - database-own schedule
    DBM-07       L R database-own config
    DBM-08       L R replicas:3 database-own config k8s
    DBM-09       L R database-own
    DBM-10       L R database-own
    DBM-11       L R database-own
    DBM-12       s - database-own schema-lint
    DBM-13       s - database-own schema-lint
    DBM-14       s - database-own schema-lint
    DBM-15       L R database-own
    DBM-16       L R replicas:1 database-own config k8s
    DBM-17       s - database-own
    """
}
