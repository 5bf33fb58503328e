import StreamSpaceProtocol

/// What an agent has said about its tunnels.
extension ScriptedControlPlane.Record {
  /// The id of an attachment of a test.
  package static func attachment(_ number: Int) -> String { "att-000000000000000\(number)" }

  package var readies: [VNCReady] {
    messages.compactMap { if case .vncReady(let ready) = $0.message { ready } else { nil } }
  }

  package var tunnelErrors: [String] {
    messages.compactMap { if case .vncError(let error) = $0.message { error.error } else { nil } }
  }

  /// Reasons of all closes.
  package var tunnelCloses: [String] {
    messages.compactMap { if case .vncClose(let close) = $0.message { close.reason } else { nil } }
  }

  /// All data of an attachment; nil: of those without the contract's frames.
  package func tunnelBytes(_ attachment: String?) -> [UInt8] {
    messages.flatMap { entry -> [UInt8] in
      guard case .vncData(let data) = entry.message, data.attachmentID == attachment else { return [] }
      return data.data.bytes ?? []
    }
  }
}
