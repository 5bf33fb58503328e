/// Where an agent runs sessions. The register route takes all four; simulators exist for the first two.
package enum Platform: String, Sendable, Hashable, CaseIterable, JSONConvertible {
  case kubernetes
  case docker
  case vm
  case cloud
}
