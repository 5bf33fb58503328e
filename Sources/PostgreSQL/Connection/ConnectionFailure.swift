import CPostgres
import StreamSpaceProtocol

/// Why no connection came about, in one line: libpq has several, and repeats itself for each address it tried.
enum ConnectionFailure {
  /// A URL that libpq cannot read.
  static func unreadable(_ reason: String) -> SQLError {
    SQLError(
      sqlState: "08001", message: "the database URL cannot be read: \(lastLine(of: reason))", kind: .serverUnavailable)
  }

  /// What libpq says of a connection that it could not make. The password is in none of it.
  static func refused(_ handle: OpaquePointer) -> SQLError {
    let server = server(of: handle)
    let raw = PQerrorMessage(handle).map { String(cString: $0) } ?? ""
    // Of several addresses the last is as good as any; what follows it in tabs is advice.
    let lines = raw.split(separator: "\n").filter { !$0.hasPrefix("\t") && !$0.hasPrefix(" ") }.map(String.init)
    let line = lines.last ?? "no reason given"
    let tail = line.range(ofText: " failed: ").map { String(line[$0.upperBound...]) } ?? line
    let reason = tail.withoutPrefix("FATAL:").withoutPrefix("could not connect to server:").trimmed
    let state = state(of: reason)
    return SQLError(
      sqlState: state, message: "cannot connect to \(server): \(reason)",
      kind: ["28P01", "28000", "3D000"].contains(state) ? .other : .serverUnavailable)
  }

  /// The SQLSTATE is not handed out for a connection that failed: the server's own words tell it. 08001 for the rest.
  private static func state(of reason: String) -> String {
    if reason.contains("password authentication failed") || reason.contains("no password supplied") { return "28P01" }
    if reason.hasPrefix("role ") || reason.contains("pg_hba.conf") || reason.contains("authentication failed") {
      return "28000"
    }
    if reason.hasPrefix("database "), reason.hasSuffix("does not exist") { return "3D000" }
    if reason.contains("too many clients") || reason.contains("too many connections")
      || reason.contains("remaining connection slots")
    {
      return "53300"
    }
    if reason.hasPrefix("the database system is") { return "57P03" }
    return "08001"
  }

  /// `PostgreSQL at host:port, database name`.
  private static func server(of handle: OpaquePointer) -> String {
    let host = PQhost(handle).map { String(cString: $0) } ?? ""
    let port = PQport(handle).map { String(cString: $0) } ?? ""
    let database = PQdb(handle).map { String(cString: $0) } ?? ""
    let place = host.isEmpty ? "the default host" : port.isEmpty ? host : "\(host):\(port)"
    return "PostgreSQL at \(place)" + (database.isEmpty ? "" : ", database \(database)")
  }

  private static func lastLine(of text: String) -> String {
    text.split(separator: "\n").last.map { String($0).trimmed } ?? text
  }
}

extension String {
  fileprivate func range(ofText text: String) -> Range<String.Index>? { ranges(of: text).last }

  fileprivate func withoutPrefix(_ prefix: String) -> String {
    hasPrefix(prefix) ? String(dropFirst(prefix.count)).trimmed : self
  }

  fileprivate var trimmed: String {
    let start = drop { $0 == " " || $0 == "\t" }
    return String(start.reversed().drop { $0 == " " || $0 == "\t" }.reversed())
  }
}
