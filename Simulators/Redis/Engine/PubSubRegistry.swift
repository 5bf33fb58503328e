/// Who is subscribed to what. Bound to no database (`spec/04 §3.7`).
struct PubSubRegistry {
  /// Connections per channel, in the order of subscription.
  private var channels = ByteTable<[ConnectionID]>()
  /// Connections per pattern, patterns in the order of creation.
  private var patterns = ByteTable<[ConnectionID]>()

  /// Number of different patterns.
  var patternCount: Int { patterns.count }

  /// Channels with subscribers, sorted.
  var channelNames: [ByteString] { channels.entries.map(\.key).sorted() }

  func subscribers(of channel: ByteString) -> [ConnectionID] { channels[channel] ?? [] }

  /// Subscribed patterns that match a channel, each with its subscribers.
  func patterns(matching channel: ByteString) -> [(pattern: ByteString, subscribers: [ConnectionID])] {
    guard !patterns.isEmpty else { return [] }
    return patterns.entries.compactMap {
      GlobPattern.matches($0.key.bytes, channel.bytes) ? ($0.key, $0.value) : nil
    }
  }

  mutating func add(_ connection: ConnectionID, to name: ByteString, isPattern: Bool) {
    if isPattern {
      patterns.update(name, to: (patterns[name] ?? []) + [connection])
    } else {
      channels.update(name, to: (channels[name] ?? []) + [connection])
    }
  }

  mutating func remove(_ connection: ConnectionID, from name: ByteString, isPattern: Bool) {
    let remaining = ((isPattern ? patterns[name] : channels[name]) ?? []).filter { $0 != connection }
    switch (isPattern, remaining.isEmpty) {
    case (true, true): patterns.remove(name)
    case (true, false): patterns.update(name, to: remaining)
    case (false, true): channels.remove(name)
    case (false, false): channels.update(name, to: remaining)
    }
  }
}
