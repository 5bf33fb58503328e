/// A ready queue of Swift tasks that belongs to the kernel.
///
/// Unchecked: the queue is only touched on the simulation's thread; an enqueue from another thread traps.
final class CaseExecutor: TaskExecutor, @unchecked Sendable {
  let thread: ThreadIdentity
  @exclusivity(unchecked) private var jobs: [UnownedJob] = []
  @exclusivity(unchecked) private var head = 0
  /// Whether a job is ready, or the case layer has a request for the kernel.
  @exclusivity(unchecked) var isRunnable = false

  init(thread: ThreadIdentity) { self.thread = thread }

  var hasJobs: Bool { head < jobs.count }

  func enqueue(_ job: consuming ExecutorJob) {
    thread.verify()
    jobs.append(UnownedJob(job))
    isRunnable = true
  }

  /// Forgets what is ready: its tasks never go on.
  func abandonJobs() {
    jobs.removeAll()
    head = 0
    isRunnable = false
  }

  /// Runs jobs, first come first served, until none is left or `limit` have run; returns how many did.
  func runJobs(atMost limit: Int) -> Int {
    let executor = asUnownedTaskExecutor()
    var steps = 0
    while head < jobs.count, steps < limit {
      let job = jobs[head]
      head += 1
      if head == jobs.count {
        jobs.removeAll(keepingCapacity: true)
        head = 0
      }
      steps += 1
      job.runSynchronously(on: executor)
    }
    return steps
  }
}
