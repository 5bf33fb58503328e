/// A ready queue of Swift tasks that belongs to the kernel.
///
/// Unchecked: the queue is only touched on the simulation's thread; an enqueue from another thread traps.
final class CaseExecutor: TaskExecutor, @unchecked Sendable {
  let thread: ThreadIdentity
  private var jobs: [UnownedJob] = []
  private var running: [UnownedJob] = []

  init(thread: ThreadIdentity) { self.thread = thread }

  @inline(__always)
  var hasJobs: Bool { !jobs.isEmpty }

  func enqueue(_ job: consuming ExecutorJob) {
    thread.verify()
    jobs.append(UnownedJob(job))
  }

  /// Runs jobs, first come first served, until none is left.
  func runJobs() {
    let executor = asUnownedTaskExecutor()
    while !jobs.isEmpty {
      swap(&jobs, &running)
      for job in running { job.runSynchronously(on: executor) }
      running.removeAll(keepingCapacity: true)
    }
  }
}
