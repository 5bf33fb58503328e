import Chaos
import Foundation
import Reporting

/// Joins the state files of shards to one result.
struct ShardMerging {
  let files: [String]
  let reports: String
  let json: Bool

  func run() throws {
    let parts = try files.map { path -> (name: String, file: CampaignFile) in
      guard let data = FileManager.default.contents(atPath: path) else {
        throw UsageError("--merge: cannot read '\(path)'")
      }
      do { return (path, try CampaignFile(Array(data))) } catch {
        throw UsageError("--merge: '\(path)' is no state of a campaign: \(error)")
      }
    }
    let merged: CampaignMerge
    do { merged = try CampaignMerge(parts) } catch { throw UsageError("--merge: \(error)") }
    var summary = ChaosCampaignSummary(
      settings: merged.settings, tally: merged.tally, seeds: merged.seeds, end: "joined from \(files.count) files",
      command: (["./sim chaos --merge"] + files).joined(separator: " "), wallMilliseconds: merged.wallMilliseconds,
      notes: merged.notes)
    if merged.isMissingShards { summary.failures.append("whole shards are missing") }
    try CampaignOutput(summary: summary, reports: reports, json: json).write(to: ReportFolder(reports))
  }
}
