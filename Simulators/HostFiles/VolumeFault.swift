import SimulationRuntime

/// A fault of a volume as a value (spec/06 DOCK-13, spec/03 HZ-52 and HZ-59).
package enum VolumeFault: Sendable, Hashable {
  /// An operator removes a name; whoever has the file open keeps it. Has no duration.
  case unlinked(path: String)
  /// Every change is refused; reading and locking go on.
  case readOnly
  /// No new file, no longer file; what is there can be written over.
  case diskFull

  /// As `spec/05 §2` writes faults.
  package var text: String {
    switch self {
    case .unlinked(let path): "volume(unlink \(path))"
    case .readOnly: "volume(read-only)"
    case .diskFull: "volume(disk full)"
    }
  }
}
