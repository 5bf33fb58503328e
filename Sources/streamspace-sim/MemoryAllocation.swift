import CMemory

/// How the process gets its memory.
enum MemoryAllocation {
  /// Keeps freed memory: a campaign frees each run's whole deployment and takes as much again for the next, and what
  /// went back to the system would be faulted in anew. Call it before the first thread starts.
  static func keepFreedMemory() { cmemory_keep_freed(kept) }

  /// Bytes per thread; a run's live data is a few megabytes.
  private static let kept: Int32 = 256 << 20
}
