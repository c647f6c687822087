import Testing
import Threads

@Suite struct OrderedWorkersTests {
  struct Broken: Error {}

  @Test(arguments: [1, 2, 5])
  func itemsComeInOrder(threads: Int) throws {
    let workers = try OrderedWorkers(count: 100, threads: threads, name: "test") {
      { index in
        // Later items are ready first.
        if index % 7 == 0 { for _ in 0..<20_000 { _ = index.hashValue } }
        return index * index
      }
    }
    var items: [Int] = []
    while let item = try workers.next() { items.append(item) }
    #expect(items == (0..<100).map { $0 * $0 })
    #expect(try workers.next() == nil)
  }

  @Test func anErrorOfAWorkerEndsTheWork() throws {
    let workers = try OrderedWorkers(count: 100, threads: 2, name: "test") {
      { index throws -> Int in
        if index == 40 { throw Broken() }
        return index
      }
    }
    #expect(throws: Broken.self) { while try workers.next() != nil {} }
  }

  @Test func anErrorOfMakingAWorkerIsThrown() throws {
    let workers = try OrderedWorkers<Int>(count: 3, threads: 2, name: "test") { throw Broken() }
    #expect(throws: Broken.self) { try workers.next() }
  }

  @Test(arguments: [nil, 1, 30])
  func workersRunAtMostAWindowAhead(window: Int?) throws {
    let started = Monitor(0)
    let workers = try OrderedWorkers(count: 1000, threads: 2, name: "test", window: window) {
      { index in
        started.update { $0 += 1 }
        return index
      }
    }
    _ = try workers.next()
    // The window is four items a thread or what was asked for, beyond the one that was handed over.
    let most = (window ?? 8) + 1
    started.wait(until: { $0 >= most }, then: { _ in })
    #expect(started.read { $0 } <= most)
  }
}
