/// The version of the harness that replay files name. It tells a person which build made a file; whether a run is the same
/// is told by its fingerprint.
public enum HarnessVersion {
  public static let current = "1.0"
}
