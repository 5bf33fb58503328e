import ArgumentParser
import Foundation
import LiveEnvironment
import StreamSpaceProtocol

/// `./sim doctor`: what is there, what is missing, what to do.
struct DoctorCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "doctor", abstract: "Looks at tools, ports and a live environment, and says what to do.",
    discussion: """
      Examples:
        ./sim doctor
        ./sim doctor --config staging.yaml
      Exit codes: 0 nothing in the way, 2 the file or a password is wrong, 3 somebody does not answer. Nothing is changed.
      """)

  @Option(help: "An environment file; what it names is asked, too.")
  var config: String?

  @Flag(help: "One JSON object on standard output, nothing else there.")
  var json = false

  func run() throws {
    #if Live
      let file = try config.map(LiveFile.read)
      let machine = MachineCheck.all() + MachineCheck.ports()
      let report = file.map(LiveFile.probe)
      if json {
        var object = JSONObject()
        object["machine"] = LiveJSON.checks(machine)
        if let file, let report {
          object["environment"] = .string(file.name)
          object["checks"] = LiveJSON.lines(report.lines)
          object["capabilities"] = LiveJSON.capabilities(report.capabilities)
        }
        LiveFile.json(.object(object))
      } else {
        LiveFile.say("this machine")
        for check in machine { print(check.subject, check.verdict == .fine ? "ok" : "-", check.seen, check.advice) }
        if let file, let report {
          LiveFile.say("\n\(file.name) (\(config ?? ""))")
          for line in report.lines where !line.isTrouble {
            print(line.subject, line.verdict == .fine ? "ok" : "-", line.seen, line.advice)
          }
          LiveFile.say("\ncapabilities")
          LiveText.print(report.capabilities)
        }
      }
      for line in report?.troubles ?? [] { LiveFile.complain("error: \(line.complaint)") }
      if let status = report?.exitStatus, status != 0 { throw ExitCode(status) }
    #else
      LiveFile.complain("error: doctor is built with the package trait Live: use ./sim doctor")
      throw ExitCode(3)
    #endif
  }

  private func print(_ subject: String, _ mark: String, _ seen: String, _ advice: String) {
    LiveFile.say("  \(mark.padded(to: 2)) \(subject.padded(to: 22)) \(seen)\(advice.isEmpty ? "" : "; \(advice)")")
  }
}

extension String {
  /// Filled up with spaces.
  func padded(to width: Int) -> String { self + String(repeating: " ", count: max(0, width - count)) }
}
