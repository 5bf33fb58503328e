/// Failures of the past, kept as files (`fixtures/regressions`) and run first (lesson L26). They are read by path and not
/// built in: a campaign adds one without a build.
public struct RegressionCorpus: Sendable {
  /// One file.
  public struct Entry: Sendable, Equatable {
    /// The file's name without its folder.
    public var name: String
    public var replay: ChaosReplay
  }

  /// A file that is no replay file.
  public struct Unreadable: Error, Sendable, Equatable, CustomStringConvertible {
    public var name: String
    public var problem: String

    public var description: String { "\(name): \(problem)" }
  }

  /// How one entry went.
  public struct Result: Sendable {
    public var entry: Entry
    /// With the profile of the file, which must fail.
    public var failing: ChaosOutcome
    /// Under the profile that must be green; nil if the file names none.
    public var green: ChaosOutcome?
    /// What is not as the file says; empty: all is.
    public var problems: [String]
    /// The run is another one than that which was kept: worth a look, no failure.
    public var differs: Bool
  }

  /// In the order of their names.
  public var entries: [Entry]

  /// `files`: name and text of each. Throws for the first that cannot be read.
  public init(files: [(name: String, text: String)]) throws(Unreadable) {
    entries = []
    for file in files.sorted(by: { $0.name < $1.name }) {
      do { entries.append(Entry(name: file.name, replay: try ChaosReplay(text: file.text))) } catch {
        throw Unreadable(name: file.name, problem: error.description)
      }
    }
  }

  /// Runs all entries. `executor` carries plans out under a profile; nil: there is no such profile.
  public func run(
    concurrency: Concurrency = .none, with executor: @escaping @Sendable (_ profile: String) -> (any ChaosExecutor)?
  ) -> [Result] {
    let entries = entries
    return concurrency.map(entries.count) { entries[$0].run(with: executor) }
  }
}

extension RegressionCorpus.Entry {
  fileprivate func run(with executor: (String) -> (any ChaosExecutor)?) -> RegressionCorpus.Result {
    var problems: [String] = []
    func outcome(_ profile: String) -> ChaosOutcome {
      if let executor = executor(profile) { return executor.run(replay.trial.plan, replay.trial.options) }
      var outcome = ChaosOutcome(plan: replay.trial.plan, profile: profile)
      outcome.problems = ["there is no profile '\(profile)'"]
      return outcome
    }
    let failing = outcome(replay.profile)
    if failing.signature != replay.signature {
      let found = failing.signature.map { "violates \($0)" } ?? "is green"
      problems.append("under \(replay.profile) it \(found), not \(replay.signature)")
    }
    let green = replay.greenUnder.map(outcome)
    if let green, let signature = green.signature {
      let message = green.violations.first?.message ?? green.problems.first ?? ""
      problems.append("under \(replay.greenUnder ?? green.profile) it violates \(signature): \(message)")
    }
    return .init(
      entry: self, failing: failing, green: green, problems: problems,
      differs: failing.fingerprint != replay.fingerprint)
  }
}
