/// The resources of a session in the units quotas are counted in.
package struct SessionResources: Sendable, Hashable {
  /// Thousandths of a core.
  package var cpuMilli: Int64
  /// Mebibytes.
  package var memoryMebibytes: Int64

  package init(cpuMilli: Int64, memoryMebibytes: Int64) {
    self.cpuMilli = cpuMilli
    self.memoryMebibytes = memoryMebibytes
  }

  /// Nothing.
  package static let zero = SessionResources(cpuMilli: 0, memoryMebibytes: 0)

  /// What an empty text stands for (spec/02 §7.2).
  package static let defaultCPU = "1000m"
  /// What an empty text stands for (spec/02 §7.2).
  package static let defaultMemory = "2Gi"
  /// Least and most a session may ask for, in thousandths of a core.
  package static let cpuRange: ClosedRange<Int64> = 100...64_000
  /// Least and most a session may ask for, in mebibytes.
  package static let memoryRange: ClosedRange<Int64> = 128...524_288

  /// Reads and checks a request, cpu first; empty texts stand for the defaults.
  package init(validating amounts: ResourceAmounts) throws(ResourceError) {
    let cpu = amounts.cpu.isEmpty ? SessionResources.defaultCPU : amounts.cpu
    let memory = amounts.memory.isEmpty ? SessionResources.defaultMemory : amounts.memory
    do throws(ResourceQuantity.ParseError) {
      cpuMilli = try ResourceQuantity(cpu).milli
    } catch {
      throw .invalidCPU(error)
    }
    guard cpuMilli >= SessionResources.cpuRange.lowerBound else { throw .cpuTooLow }
    guard cpuMilli <= SessionResources.cpuRange.upperBound else { throw .cpuTooHigh }
    do throws(ResourceQuantity.ParseError) {
      memoryMebibytes = try ResourceQuantity(memory).mebibytes
    } catch {
      throw .invalidMemory(error)
    }
    guard memoryMebibytes >= SessionResources.memoryRange.lowerBound else { throw .memoryTooLow }
    guard memoryMebibytes <= SessionResources.memoryRange.upperBound else { throw .memoryTooHigh }
  }

  /// Reads stored amounts for counting: what cannot be read counts nothing (spec/02 §7.1).
  package init(counting amounts: ResourceAmounts) {
    cpuMilli = (try? ResourceQuantity(amounts.cpu))?.milli ?? 0
    memoryMebibytes = (try? ResourceQuantity(amounts.memory))?.mebibytes ?? 0
  }

  /// Both sums; they stay at the end of the range.
  package static func + (left: SessionResources, right: SessionResources) -> SessionResources {
    SessionResources(
      cpuMilli: saturatingSum(left.cpuMilli, right.cpuMilli),
      memoryMebibytes: saturatingSum(left.memoryMebibytes, right.memoryMebibytes))
  }

  private static func saturatingSum(_ left: Int64, _ right: Int64) -> Int64 {
    let (sum, overflow) = left.addingReportingOverflow(right)
    return overflow ? (right > 0 ? .max : .min) : sum
  }
}

/// Why a request for resources is refused with 400 (spec/02 §7.2).
package enum ResourceError: Error, Sendable, Hashable {
  case invalidCPU(ResourceQuantity.ParseError)
  case invalidMemory(ResourceQuantity.ParseError)
  case cpuTooLow
  case cpuTooHigh
  case memoryTooLow
  case memoryTooHigh

  /// The recorded text.
  package var message: String {
    switch self {
    case .invalidCPU(let error): "invalid CPU quantity: invalid resource quantity: \(error.rawValue)"
    case .invalidMemory(let error): "invalid memory quantity: invalid resource quantity: \(error.rawValue)"
    case .cpuTooLow: "CPU request too low: minimum 100m"
    case .cpuTooHigh: "CPU request too high: maximum 64000m"
    case .memoryTooLow: "memory request too low: minimum 128Mi"
    case .memoryTooHigh: "memory request too high: maximum 512Gi"
    }
  }
}
