/// What one component of a deployment used over a span: in the simulation by the resource model from what was counted,
/// live as the platform measured it.
public struct ComponentUse: Sendable, Equatable {
  public enum Kind: String, Sendable, Equatable {
    case replica, agent, standby, redis, database, node
  }

  public var name: String
  public var kind: Kind
  /// Thousandths of a core, over the span.
  public var milliCPU: Int
  /// At the end of the span.
  public var memoryKiB: Int
  /// What was counted of its work, by name, in a fixed order.
  public var counts: [Count]
  /// Of a replica: its pool of database connections.
  public var pool: PoolUse?
  /// Of a node: how much it has.
  public var capacity: Capacity?

  /// Something that was counted.
  public struct Count: Sendable, Equatable {
    public var name: String
    public var value: Int

    public init(_ name: String, _ value: Int) {
      self.name = name
      self.value = value
    }
  }

  /// What a node has.
  public struct Capacity: Sendable, Equatable {
    public var milliCPU: Int
    public var memoryMiB: Int

    public init(milliCPU: Int, memoryMiB: Int) {
      self.milliCPU = milliCPU
      self.memoryMiB = memoryMiB
    }
  }

  public init(
    _ name: String, _ kind: Kind, milliCPU: Int, memoryKiB: Int, counts: [Count] = [], pool: PoolUse? = nil,
    capacity: Capacity? = nil
  ) {
    self.name = name
    self.kind = kind
    self.milliCPU = milliCPU
    self.memoryKiB = memoryKiB
    self.counts = counts
    self.pool = pool
    self.capacity = capacity
  }

  /// Rounded up.
  public var memoryMiB: Int { (memoryKiB + 1_023) / 1_024 }

  /// What was counted under a name; 0: nothing of it.
  public func count(_ name: String) -> Int { counts.first { $0.name == name }?.value ?? 0 }
}

/// The pool of database connections of a replica over a span.
public struct PoolUse: Sendable, Equatable {
  /// Most connections at once, open or being opened.
  public var most = 0
  /// Connections that were opened.
  public var opened = 0
  /// How long each call waited for its connection, opening it included.
  public var waits: [Duration] = []
  /// How long each call waited that got none.
  public var refusals: [Duration] = []

  public init() {}
}
