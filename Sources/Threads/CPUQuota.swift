import CSystem
import Glibc

/// The processor time that a container grants, from its control groups.
///
/// A container of two cores' time on a machine of 64 may run on all 64; with a thread for each of
/// them it would stand still for most of every period.
package enum CPUQuota {
  /// Cores' worth of time that this process may use, or nil where nothing bounds it: the smallest
  /// of the limits of its groups, `cpu.max` (version 2) or `cpu.cfs_quota_us` (version 1).
  ///
  /// - Parameter root: before all paths, for tests.
  package static func cores(root: String = "") -> Double? {
    guard let groups = text("\(root)/proc/self/cgroup") else { return nil }
    var limits: [Double] = []
    for line in groups.split(separator: "\n") {
      // hierarchy:controllers:path
      let fields = line.split(separator: ":", maxSplits: 2, omittingEmptySubsequences: false)
      guard fields.count == 3 else { continue }
      let controllers = fields[1].split(separator: ",")
      guard controllers.isEmpty || controllers.contains("cpu") else { continue }
      let mount = "\(root)/sys/fs/cgroup" + (controllers.isEmpty ? "" : "/cpu")
      // A group is bound by those above it too. A container may see its own as the root.
      var path = Array(fields[2].split(separator: "/"))
      while true {
        let folder = ([Substring(mount)] + path).joined(separator: "/")
        if let limit = limit(of: folder, version2: controllers.isEmpty) { limits.append(limit) }
        if path.popLast() == nil { break }
      }
    }
    return limits.min()
  }

  private static func limit(of folder: String, version2: Bool) -> Double? {
    let words =
      version2
      ? text("\(folder)/cpu.max")
      : text("\(folder)/cpu.cfs_quota_us").map {
        $0 + " " + (text("\(folder)/cpu.cfs_period_us") ?? "")
      }
    // "max 100000" and "-1 100000" bound nothing.
    let numbers = words?.split { $0 == " " || $0 == "\n" }.compactMap { Double($0) } ?? []
    guard numbers.count == 2, numbers[0] > 0, numbers[1] > 0 else { return nil }
    return numbers[0] / numbers[1]
  }

  /// The start of a small file.
  private static func text(_ path: String) -> String? {
    guard let file = fopen(path, "re") else { return nil }
    defer { fclose(file) }
    var bytes = [UInt8](repeating: 0, count: 1 << 14)
    return String(decoding: bytes[..<fread(&bytes, 1, bytes.count, file)], as: UTF8.self)
  }
}

/// How many threads are worth their while: the cores that this process may run on, or the
/// processor time that its container grants, rounded up, where that is less.
package func availableCoreCount() -> Int {
  let cores = Int(system_available_cores())
  guard let quota = CPUQuota.cores() else { return cores }
  return max(1, min(cores, Int(min(quota, 1e6).rounded(.up))))
}
