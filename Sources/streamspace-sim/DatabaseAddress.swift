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
  var redacted: String { hidingPassword(in: url) }

  /// `text` without the password, should it quote it.
  func hidingPassword(in text: String) -> String {
    secrets.reduce(text) { text, secret in text.replacing(secret.whole, with: secret.kept) }
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
    return found.filter { $0.whole.count > 2 }
  }
}
