import CPostgres
import StreamSpaceProtocol

/// Why the server ended a session while nothing was asked of it: libpq hands that out as a notice. Other notices are
/// dropped; without a receiver they would go to standard error.
final class LastWords {
  private(set) var error: SQLError?

  /// For `PQsetNoticeReceiver`, with this object as its argument. The connection that calls it owns the object.
  static let receiver: PQnoticeReceiver = { argument, notice in
    guard let argument, let notice else { return }
    let error = SQLError(notice)
    guard error.endsSession(notice) else { return }
    Unmanaged<LastWords>.fromOpaque(argument).takeUnretainedValue().error = error
  }
}
