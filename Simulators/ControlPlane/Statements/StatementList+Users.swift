import StreamSpaceProtocol

extension UserStatements {
  static func list(into list: inout StatementList) {
    list.add(0, recordLogin, setFirstAdminPassword, Self.list, groups, quota, quotaByName, quotas, setQuota)
    for statement in deletion { list.add(0, statement) }
    list.add(6, authenticate, credentials, find, findByIDOrName)
  }
}

extension CatalogStatements {
  static func list(into list: inout StatementList) {
    list.add(0, forSession, applicationForSession, Self.list, find, ofRepository)
  }
}
