import Foundation
import Testing
import Threads

@Suite struct CPUQuotaTests {
  /// A file system of control groups: what the kernel says of them, and the quota that holds.
  @Test(
    arguments: [
      ([("proc/self/cgroup", "0::/\n"), ("sys/fs/cgroup/cpu.max", "150000 100000\n")], 1.5),
      ([("proc/self/cgroup", "0::/\n"), ("sys/fs/cgroup/cpu.max", "max 100000\n")], nil),
      // A group is bound by those above it.
      (
        [
          ("proc/self/cgroup", "0::/a/b\n"), ("sys/fs/cgroup/a/cpu.max", "200000 100000\n"),
          ("sys/fs/cgroup/a/b/cpu.max", "400000 100000\n"),
        ], 2
      ),
      // Version 1, the group's own folder seen as the root.
      (
        [
          ("proc/self/cgroup", "5:memory:/docker/x\n4:cpu,cpuacct:/docker/x\n"),
          ("sys/fs/cgroup/cpu/cpu.cfs_quota_us", "300000\n"),
          ("sys/fs/cgroup/cpu/cpu.cfs_period_us", "100000\n"),
        ], 3
      ),
      (
        [
          ("proc/self/cgroup", "4:cpu:/\n"), ("sys/fs/cgroup/cpu/cpu.cfs_quota_us", "-1\n"),
          ("sys/fs/cgroup/cpu/cpu.cfs_period_us", "100000\n"),
        ], nil
      ),
      ([("proc/self/cgroup", "nonsense\n0::/\n"), ("sys/fs/cgroup/cpu.max", "x y z\n")], nil),
      ([], nil),
    ] as [([(String, String)], Double?)])
  func readsBothVersions(files: [(String, String)], cores: Double?) throws {
    let root = NSTemporaryDirectory() + "/quota-\(UUID().uuidString)"
    defer { try? FileManager.default.removeItem(atPath: root) }
    for (path, text) in files {
      let url = URL(fileURLWithPath: "\(root)/\(path)")
      try FileManager.default.createDirectory(
        at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
      try text.write(to: url, atomically: false, encoding: .utf8)
    }
    #expect(CPUQuota.cores(root: root) == cores)
    #expect(availableCoreCount() >= 1)
  }
}
