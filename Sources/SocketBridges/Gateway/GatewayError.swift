/// Why a gateway cannot listen. The description is one line for the user.
public struct GatewayError: Error, CustomStringConvertible {
  public let address: ListeningAddress
  public let reason: String

  public var description: String { "cannot listen on \(address): \(reason)" }
}
