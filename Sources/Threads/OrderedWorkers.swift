/// Worker threads that make numbered items, and hand them over in the order of their numbers,
/// whatever thread was faster.
///
/// ```swift
/// let pages = try OrderedWorkers(count: 100, threads: 2, name: "render") {
///   let renderer = Renderer()                    // one for each thread
///   return { index in renderer.page(index) }
/// }
/// while let page = try pages.next() { print(page) }
/// ```
///
/// At most a window of items is under way or waiting, so that memory does not grow with their
/// number. The threads end with the value.
package final class OrderedWorkers<Item> {
  private struct State {
    /// The next item to be taken by a worker, and the next to be handed over.
    var nextTaken = 0
    var nextHanded = 0
    var finished: [Int: Item] = [:]
    var isCancelled = false
    /// Why an item could not be made.
    var failure: (any Error)?
  }

  private let count: Int
  private let state: Monitor<State>
  private let threads: [NamedThread]

  /// Starts the threads.
  ///
  /// - Parameters:
  ///   - count: how many items there are.
  ///   - window: how many may be under way or waiting; nil for four a thread.
  ///   - makeWorker: called once on every thread; makes what makes the items of that thread. The
  ///     first error of any of them ends the work.
  /// - Throws: where the system gives no thread at all.
  package init(
    count: Int, threads: Int, name: String, window: Int? = nil,
    makeWorker: @escaping @Sendable () throws -> (_ index: Int) throws -> Item
  ) throws(ThreadError) {
    self.count = count
    let window = window ?? 4 * threads
    let state = Monitor(State())
    self.state = state
    self.threads = try NamedThread.team(of: threads, name: name) { _ in
      do {
        let work = try makeWorker()
        while let index = Self.take(from: state, count: count, window: window) {
          let item = try work(index)
          state.update { $0.finished[index] = item }
        }
      } catch {
        state.update {
          $0.failure = $0.failure ?? error
          $0.isCancelled = true
        }
      }
    }
  }

  deinit {
    state.update { $0.isCancelled = true }
    for thread in threads { thread.join() }
  }

  /// Waits for a place in the window; nil when there is nothing left to do.
  private static func take(from state: Monitor<State>, count: Int, window: Int) -> Int? {
    state.wait(
      until: {
        $0.isCancelled || $0.nextTaken == count || $0.nextTaken < $0.nextHanded + window
      },
      then: { state in
        guard !state.isCancelled, state.nextTaken < count else { return nil }
        state.nextTaken += 1
        return state.nextTaken - 1
      })
  }

  /// Waits for the next item, in order; nil after the last.
  ///
  /// - Throws: the first error of a worker.
  package func next() throws -> Item? {
    try state.wait(
      until: { [count] in
        $0.failure != nil || $0.nextHanded == count || $0.finished[$0.nextHanded] != nil
      },
      then: { state in
        if let failure = state.failure { throw failure }
        guard let item = state.finished.removeValue(forKey: state.nextHanded) else { return nil }
        state.nextHanded += 1
        return item
      })
  }
}
