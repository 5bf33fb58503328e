/// Where a PostgreSQL server is, as the user gave it.
struct DatabaseAddress: Sendable {
  /// What libpq takes: a URL, or words such as `host=localhost user=postgres`. With its password: never printed.
  let url: String

  /// Throws a usage error when it is nothing that names a server.
  init(_ url: String) throws {
    guard url.hasPrefix("postgresql://") || url.hasPrefix("postgres://") || url.contains("=") else {
      throw UsageError(
        "--database-url: '\(url)' is no address of a PostgreSQL server, such as postgresql://user@host:5432/postgres")
    }
    self.url = url
  }

  /// Without its password.
  var redacted: String { secrets.reduce(url) { text, secret in text.replacing(secret.whole, with: secret.kept) } }

  /// What is wrong with the address, in the words of libpq. Those may quote what they could not read: where that could be
  /// a password they are left out.
  func complaint(_ reason: String, isUnreadable: Bool) -> String {
    isUnreadable && !secrets.isEmpty ? "the database URL cannot be read" : reason.replacing("\n", with: " ")
  }

  /// What stands around a password in the address, and what is left of that.
  private var secrets: [(whole: String, kept: String)] {
    var found: [(whole: String, kept: String)] = []
    if let scheme = url.firstRange(of: "://") {
      let authority = url[scheme.upperBound...].prefix { $0 != "/" && $0 != "?" }
      if let at = authority.lastIndex(of: "@"), let colon = authority[..<at].firstIndex(of: ":") {
        found.append((":\(authority[authority.index(after: colon)...at])", "@"))
      }
    }
    for match in url.matches(of: /(?<name>password|sslpassword)\s*=\s*(?<value>'(?:[^'\\]|\\.)*'|[^&\s]*)/) {
      found.append((String(match.output.0), "\(match.output.name)=…"))
    }
    return found
  }
}
