import StreamSpaceProtocol
import TestEnvironment

extension PostgreSQLDatabase: LockMeasuring {
  package func measureLocks<Result>(
    beside probes: [LockProbe], _ body: () throws(SQLError) -> Result
  ) throws(SQLError) -> (result: Result, report: LockReport) {
    let monitor = try LockMonitor(self)
    var running: [WaitProbe] = []
    let result: Result
    do throws(SQLError) {
      for probe in probes { running.append(try WaitProbe(probe, to: self)) }
      result = try body()
    } catch {
      for probe in running { _ = probe.stop() }
      _ = monitor.stop()
      throw error
    }
    let ends = running.map { $0.stop() }
    let (spans, samples, widestGap) = monitor.stop()
    return (result, LockReport(spans: spans, probes: ends, samples: samples, widestGap: widestGap))
  }
}
