#if Live
  import Foundation
  import NIOCore
  import NIOPosix

  /// Why a real server gave no answer.
  package enum ConnectionTrouble: Error, Sendable, Hashable, CustomStringConvertible {
    /// Nobody listens there, or the name leads nowhere.
    case refused(String)
    /// The connection broke before the answer was complete.
    case reset
    case timedOut
    /// What came is no answer of this protocol.
    case malformed(String)

    package var description: String {
      switch self {
      case .refused(let reason): reason
      case .reset: "the connection was closed before the answer was complete"
      case .timedOut: "no answer in time"
      case .malformed(let reason): reason
      }
    }

    /// What an error of a dial means.
    init(dialling error: any Error) {
      switch error {
      case let trouble as ConnectionTrouble: self = trouble
      case ChannelError.connectTimeout: self = .timedOut
      case let failure as NIOConnectionError:
        if let dns = failure.dnsAError ?? failure.dnsAAAAError, failure.connectionErrors.isEmpty {
          self = .refused("the name cannot be resolved: \(dns)")
        } else if let first = failure.connectionErrors.first {
          self.init(dialling: first.error)
        } else {
          self = .refused("no connection")
        }
      case let failure as IOError: self = .refused(String(cString: strerror(failure.errnoCode)).lowercased())
      default: self = .refused("\(error)")
      }
    }
  }
#endif
