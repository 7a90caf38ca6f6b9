import Basics
import Foundation

/// How the memory that a worker was given is shared out. Fixed at its start; every part is kept by whoever it belongs to.
package struct MemoryShares: Hashable, Sendable {
  /// What the process takes before it does anything: code, threads, buffers of the network.
  package static let base = 28 << 20
  /// The least that one executor slot can work with.
  package static let leastSlot = 16 << 20

  /// Bytes of tables and buffers of one task.
  package let slot: Int
  /// Bytes of shuffle blocks and cached partitions, together.
  package let stored: Int
  /// Bytes of answers to other workers on their way.
  package let outgoing: Int

  /// - Parameter total: Bytes for all of the worker.
  /// - Throws: `ClusterError.memory` where that is too little for the slots.
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

  /// Shares that are chosen one by one.
  package init(slot: Int, stored: Int, outgoing: Int) {
    self.slot = slot
    self.stored = stored
    self.outgoing = outgoing
  }

  /// What a worker inside another program may take: half of what this machine (or its control group) has.
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
