import Foundation

/// A line on standard output.
func say(_ line: String) { FileHandle.standardOutput.write(Data((line + "\n").utf8)) }

/// A line on standard error.
func complain(_ line: String) { FileHandle.standardError.write(Data((line + "\n").utf8)) }
