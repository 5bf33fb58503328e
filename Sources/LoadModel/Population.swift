/// Who makes the requests of a load: users, each of an organisation.
public struct Population: Sendable, Equatable {
  /// A user and the organisation they belong to.
  public struct Member: Sendable, Equatable {
    public var user: String
    public var organisation: String

    public init(user: String, organisation: String) {
      self.user = user
      self.organisation = organisation
    }
  }

  public private(set) var members: [Member]

  public init(_ members: [Member]) { self.members = members }

  /// The users `u01` … of the fixture (spec/06 §0.1), all of `default-org`.
  public static func fixture(_ users: Int, from first: Int = 1) -> Population {
    Population(
      (first..<first + max(0, users)).map {
        Member(user: $0 < 10 ? "u0\($0)" : "u\($0)", organisation: "default-org")
      })
  }

  public var users: [String] { members.map(\.user) }
  /// Organisations in the order of their first member.
  public var organisations: [String] {
    var names: [String] = []
    for member in members where !names.contains(member.organisation) { names.append(member.organisation) }
    return names
  }

  public func members(of organisation: String) -> [Member] { members.filter { $0.organisation == organisation } }

  /// The member of the `index`-th request where all take turns; nil: there is nobody.
  public func inTurn(_ index: Int) -> Member? { members.isEmpty ? nil : members[index % members.count] }

  /// Any member, each as likely; nil: there is nobody. `choose`: a number in `0 ..< count` from the seed.
  public func draw(_ choose: (_ count: Int) -> Int) -> Member? {
    guard members.count > 1 else { return members.first }
    return members[choose(members.count)]
  }
}
