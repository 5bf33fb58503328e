/// The four actions of a command (`agent_commands.action`, spec/02 §6.5).
enum CommandAction: Equatable {
  case start, stop, hibernate, wake
  case other

  init(_ text: String) {
    switch text {
    case "start_session": self = .start
    case "stop_session": self = .stop
    case "hibernate_session": self = .hibernate
    case "wake_session": self = .wake
    default: self = .other
    }
  }
}
