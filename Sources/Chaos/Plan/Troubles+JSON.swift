import StreamSpaceProtocol
import TestEnvironment

extension DatabaseTrouble {
  /// `crash`, `error 57P01`, `answer lost`, `answer lost, done`, `answer lost, not done`.
  var planText: String {
    switch self {
    case .crash: "crash"
    case .error(let sqlState): "error \(sqlState)"
    case .answerLost(nil): "answer lost"
    case .answerLost(true?): "answer lost, done"
    case .answerLost(false?): "answer lost, not done"
    }
  }

  init?(planText text: String) {
    switch text {
    case "crash": self = .crash
    case "answer lost": self = .answerLost(done: nil)
    case "answer lost, done": self = .answerLost(done: true)
    case "answer lost, not done": self = .answerLost(done: false)
    default:
      let state = text.dropFirst(6)
      guard text.hasPrefix("error "), state.utf8.count == 5,
        state.allSatisfy({ $0.isASCII && ($0.isNumber || $0.isUppercase) })
      else { return nil }
      self = .error(sqlState: String(state))
    }
  }
}

extension KubernetesTrouble {
  func write(to object: inout JSONObject) {
    switch self {
    case .down: object.add("trouble", "down")
    case .refusing: object.add("trouble", "refusing")
    case .throttled: object.add("trouble", "throttled")
    case .conflicts(let resource, let percent):
      object.add("trouble", "conflicts")
      object.add("resource", resource)
      object.add("percent", percent)
    case .forbidden(let verb, let resource):
      object.add("trouble", "forbidden")
      object.addIfPresent("verb", verb)
      object.add("resource", resource)
    case .slow(let span):
      object.add("trouble", "slow")
      object.add("by", SpanText.text(of: span))
    case .answersLost(let percent):
      object.add("trouble", "answers-lost")
      object.add("percent", percent)
    case .brownOut(let percent):
      object.add("trouble", "brown-out")
      object.add("percent", percent)
    case .unschedulable: object.add("trouble", "unschedulable")
    case .staleReads(let span):
      object.add("trouble", "stale-reads")
      object.add("by", SpanText.text(of: span))
    case .nodeNotReady: object.add("trouble", "node-not-ready")
    }
  }

  init(_ reader: PlanReader) throws(ChaosPlanError) {
    let text = try reader.text("trouble")
    switch text {
    case "down": self = .down
    case "refusing": self = .refusing
    case "throttled": self = .throttled
    case "conflicts":
      self = .conflicts(resource: try reader.text("resource"), percent: try reader.number("percent", in: 0...100))
    case "forbidden":
      self = .forbidden(verb: reader.has("verb") ? try reader.text("verb") : nil, resource: try reader.text("resource"))
    case "slow": self = .slow(by: try reader.span("by"))
    case "answers-lost": self = .answersLost(percent: try reader.number("percent", in: 0...100))
    case "brown-out": self = .brownOut(percent: try reader.number("percent", in: 0...100))
    case "unschedulable": self = .unschedulable
    case "stale-reads": self = .staleReads(by: try reader.span("by"))
    case "node-not-ready": self = .nodeNotReady
    default: throw ChaosPlanError(reader.field("trouble"), "'\(text)' is no trouble of a cluster")
    }
  }
}

extension DockerTrouble {
  func write(to object: inout JSONObject) {
    switch self {
    case .down: object.add("trouble", "down")
    case .restart: object.add("trouble", "restart")
    case .createFails: object.add("trouble", "create-fails")
    case .startFails: object.add("trouble", "start-fails")
    case .slow(let span):
      object.add("trouble", "slow")
      object.add("by", SpanText.text(of: span))
    case .answersLost(let percent):
      object.add("trouble", "answers-lost")
      object.add("percent", percent)
    case .errors(let percent):
      object.add("trouble", "errors")
      object.add("percent", percent)
    }
  }

  init(_ reader: PlanReader) throws(ChaosPlanError) {
    let text = try reader.text("trouble")
    switch text {
    case "down": self = .down
    case "restart": self = .restart
    case "create-fails": self = .createFails
    case "start-fails": self = .startFails
    case "slow": self = .slow(by: try reader.span("by"))
    case "answers-lost": self = .answersLost(percent: try reader.number("percent", in: 0...100))
    case "errors": self = .errors(percent: try reader.number("percent", in: 0...100))
    default: throw ChaosPlanError(reader.field("trouble"), "'\(text)' is no trouble of a daemon")
    }
  }
}
