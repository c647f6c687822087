/// What a `ThreadPool` makes of tasks whose durations are known, on paper: every worker begins with
/// its share of consecutive tasks and takes them from the front, then goes round the others' shares
/// once and takes what is left from their ends.
///
/// It supposes that all workers begin at once, and that a task takes as long whoever runs it.
package enum PoolSchedule {
  /// When the last task ends.
  ///
  /// - Parameter tasks: their durations, in any unit.
  package static func makespan(_ tasks: [Double], threadCount: Int) -> Double {
    precondition(threadCount >= 1, "a pool has at least one thread, not \(threadCount)")
    if threadCount == 1 || tasks.count <= 1 { return tasks.reduce(0, +) }
    var shares = (0..<threadCount).map { worker in
      tasks.count * worker / threadCount..<tasks.count * (worker + 1) / threadCount
    }
    var clocks = [Double](repeating: 0, count: threadCount)
    /// How many shares a worker has found empty, beginning with its own.
    var visited = [Int](repeating: 0, count: threadCount)
    var end = 0.0
    var active = Array(0..<threadCount)
    while let worker = active.min(by: { (clocks[$0], $0) < (clocks[$1], $1) }) {
      let place = (worker + visited[worker]) % threadCount
      let share = shares[place]
      guard !share.isEmpty else {
        visited[worker] += 1
        if visited[worker] == threadCount { active.removeAll { $0 == worker } }
        continue
      }
      let task: Int
      if visited[worker] == 0 {
        task = share.lowerBound
        shares[place] = task + 1..<share.upperBound
      } else {
        task = share.upperBound - 1
        shares[place] = share.lowerBound..<task
      }
      clocks[worker] += tasks[task]
      end = max(end, clocks[worker])
    }
    return end
  }
}
