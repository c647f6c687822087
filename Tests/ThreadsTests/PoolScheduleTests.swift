import Testing
import Threads

@Suite struct PoolScheduleTests {
  /// By hand, from the pool's rules: shares of consecutive tasks, then the ends of others'.
  @Test(
    arguments: [
      ([4, 3, 2, 1], 1, 10),
      // The second worker ends its share at 3 and takes the 3 from the first one's.
      ([4, 3, 2, 1], 2, 6),
      // The first worker ends its share at 3 and takes the 4.
      ([1, 2, 3, 4], 2, 7),
      // More threads than tasks.
      ([5, 1, 1], 8, 5),
      ([2, 2], 2, 2),
      ([7], 4, 7),
      ([], 4, 0),
      // Equal tasks: whole rounds.
      ([1, 1, 1, 1, 1, 1, 1, 1], 3, 3),
      ([1, 1, 1, 1, 1, 1, 1, 1], 8, 1),
      // The long task is the last of a share: its owner begins it at 1.
      ([1, 1, 1, 1, 1, 9], 3, 10),
    ] as [([Double], Int, Double)])
  func makespan(tasks: [Double], threads: Int, expected: Double) {
    #expect(PoolSchedule.makespan(tasks, threadCount: threads) == expected)
  }

  /// Never better than the work shared out evenly or the longest task, never worse than both together.
  @Test(arguments: [2, 3, 5, 16, 64]) func staysWithinGrahamsBound(threads: Int) {
    for count in [1, 2, 9, 40, 333] {
      let tasks = (0..<count).map { Double(1 + ($0 &* 2_654_435_761) % 97) }
      let (sum, longest) = (tasks.reduce(0, +), tasks.max() ?? 0)
      let end = PoolSchedule.makespan(tasks, threadCount: threads)
      #expect(end >= max(sum / Double(threads), longest) - 1e-9)
      #expect(end <= sum / Double(threads) + longest)
    }
  }
}
