import StreamSpaceProtocol
import TestEnvironment

/// Users who differ from those of the fixture, and their organisations.
extension Deployment {
  static func accountRows(_ topology: Topology) -> [(SQLStatement, [SQLValue])] {
    var rows: [(SQLStatement, [SQLValue])] = []
    var organisations = [Topology.defaultOrganisation]
    for account in topology.accounts {
      if !organisations.contains(account.organisation) {
        organisations.append(account.organisation)
        rows.append((EnvironmentStatements.insertOrganisation, [.text(account.organisation)]))
      }
      let role: UserRole = account.isAdministrator ? .admin : .user
      rows.append(
        (
          EnvironmentStatements.changeAccount,
          [.text(account.user), .text(account.organisation), .text(role.rawValue)]
        ))
      guard let quota = account.quota else { continue }
      rows.append(
        (
          EnvironmentStatements.changeQuota,
          [
            .text(account.user), .integer(Int64(quota.sessions)), .text("\(quota.milliCPU)m"),
            .text("\(quota.memoryMiB)Mi"),
          ]
        ))
    }
    return rows
  }
}
