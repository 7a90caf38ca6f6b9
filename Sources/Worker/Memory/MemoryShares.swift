import Basics
import Foundation

/// How a worker's memory is divided. Fixed at its start; each owner enforces its part.
package struct MemoryShares: Hashable, Sendable {
  /// The base memory of the process: code, threads, network buffers.
  package static let base = 28 << 20
  /// The minimum for one executor slot.
  package static let leastSlot = 16 << 20

  /// Bytes of tables and buffers of one task.
  package let slot: Int
  /// Bytes of shuffle blocks and cached partitions, together.
  package let stored: Int
  /// Bytes of shuffle answers being sent to other workers.
  package let outgoing: Int

  /// - Parameter total: Bytes for the whole worker.
  /// - Throws: `ClusterError.memory` if that is too little for the slots.
  package init(total: Int, slots: Int) throws(ClusterError) {
    let least = MemoryShares.base + slots * 2 * MemoryShares.leastSlot
    guard total >= least else {
      throw .memory(
        "\(total >> 20) MiB of memory are too little for \(slots) executor slot\(slots == 1 ? "" : "s"): "
          + "expected at least \((least + (1 << 20) - 1) >> 20) MiB, or fewer slots")
    }
    let rest = total - MemoryShares.base
    slot = rest / 2 / slots
    outgoing = min(rest / 8, 64 << 20)
    stored = rest - slot * slots - outgoing
  }

  /// Shares given individually.
  package init(slot: Int, stored: Int, outgoing: Int) {
    self.slot = slot
    self.stored = stored
    self.outgoing = outgoing
  }

  /// For a worker inside another program: half of the memory of this machine or its control group.
  package static func ofThisMachine(slots: Int) -> Int {
    var bytes = Int(clamping: ProcessInfo.processInfo.physicalMemory)
    if let text = try? String(contentsOfFile: "/sys/fs/cgroup/memory.max", encoding: .utf8),
      let limit = Int(text.trimmingCharacters(in: .whitespacesAndNewlines))
    {
      bytes = min(bytes, limit)
    }
    return max(bytes / 2, base + slots * 2 * leastSlot)
  }
}
