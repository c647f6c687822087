import Loader
import Testing

@Suite struct SampleOrderTests {
  @Test(arguments: Array(1...70) + [127, 128, 129, 1000, 1023, 1024, 1025, 18_964])
  func everyPositionHasItsOwnSample(count: Int) {
    for key in [0, 1, 0xFFFF_FFFF_FFFF_FFFF] as [UInt64] {
      let permutation = IndexPermutation(count: count, key: key)
      #expect((0..<count).map { permutation[$0] }.sorted() == Array(0..<count))
    }
  }

  @Test(arguments: [2, 3, 5, 8, 13, 40])
  func everyElementIsEquallyOftenFirst(count: Int) {
    // Chi-square against the uniform distribution; the bound is far beyond the 99.99 % quantile.
    var counts = [Int](repeating: 0, count: count)
    let draws = 400 * count
    for key in 0..<draws { counts[IndexPermutation(count: count, key: UInt64(key))[0]] += 1 }
    let chiSquare = counts.reduce(0.0) { $0 + Double(($1 - 400) * ($1 - 400)) / 400 }
    #expect(chiSquare < 30 + 2 * Double(count))
  }

  @Test func neighborsAreScattered() {
    let count = 10_000
    let permutation = IndexPermutation(count: count, key: 3)
    let distance = (1..<count).reduce(0) { $0 + abs(permutation[$1] - permutation[$1 - 1]) }
    // Two random numbers below n are n/3 apart on average.
    #expect(abs(Double(distance) / Double(count) - Double(count) / 3) < 150)
    #expect((0..<count).count { permutation[$0] == $0 } < 10, "about one stays in its place")
  }

  @Test func epochsAndSeedsDiffer() throws {
    func epoch(_ epoch: Int, seed: UInt64) throws -> [Int] {
      let order = try SampleOrder(
        sampleCount: 500, batchSize: 500, shuffle: .global(seed: seed))
      return order.samples(ofStep: epoch)
    }
    let all = try [epoch(0, seed: 1), epoch(1, seed: 1), epoch(0, seed: 2), epoch(1, seed: 2)]
    #expect(Set(all).count == 4)
    for (index, first) in all.enumerated() {
      for second in all[..<index] {
        #expect(zip(first, second).count { $0 == $1 } < 10)
      }
    }
    #expect(try epoch(1, seed: 1) == all[1])
  }

  @Test(arguments: [1, 2, 3, 5], [SampleOrder.LastBatch.keep, .drop])
  func ranksCoverTheDataOnce(world: Int, last: SampleOrder.LastBatch) throws {
    for count in [30, 31, 32, 45, 61, 97] {
      for shuffle in [SampleOrder.Shuffle.none, .global(seed: 9)] {
        let orders = try (0..<world).map {
          try SampleOrder(
            sampleCount: count, batchSize: 6, shuffle: shuffle, lastBatch: last, rank: $0,
            world: world)
        }
        #expect(Set(orders.map(\.stepsPerEpoch)).count == 1)
        let single = try SampleOrder(
          sampleCount: count, batchSize: 6 * world, shuffle: shuffle, lastBatch: last)
        #expect(single.stepsPerEpoch == orders[0].stepsPerEpoch)
        var seen: [Int] = []
        // The second epoch, so that the start of an epoch is not the start of the run.
        for step in single.stepsPerEpoch..<2 * single.stepsPerEpoch {
          let parts = orders.map { $0.samples(ofStep: step) }
          #expect(parts.flatMap { $0 }.sorted() == single.samples(ofStep: step).sorted())
          #expect(orders.allSatisfy { $0.epoch(ofStep: step) == 1 })
          #expect(parts.map(\.count) == orders.map { $0.count(ofStep: step) })
          seen += parts.joined()
        }
        #expect(Set(seen).count == seen.count)
        #expect(last == .drop || seen.count == count)
        #expect(last == .keep || seen.count == count / (6 * world) * 6 * world)
      }
    }
  }

  @Test func sequentialOrder() throws {
    let order = try SampleOrder(sampleCount: 7, batchSize: 3, shuffle: .none)
    #expect((0..<4).map(order.samples) == [[0, 1, 2], [3, 4, 5], [6], [0, 1, 2]])
  }

  @Test(arguments: [
    (10, 11, 0, 1, "a batch of 11 is larger"), (10, 4, 0, 3, "a batch of 4 in each of 3"),
    (10, 0, 0, 1, "the batch size must be"), (10, -1, 0, 1, "the batch size must be"),
    (10, Int.max, 0, 1, "the batch size must be"), (10, 2, 2, 2, "got rank 2 of 2"),
    (10, 2, -1, 2, "got rank -1 of 2"), (10, 2, 0, 0, "got rank 0 of 0"),
    (0, 1, 0, 1, "there is no sample"),
  ])
  func optionsAreChecked(count: Int, batch: Int, rank: Int, world: Int, message: String) {
    let error = #expect(throws: LoaderOptionError.self) {
      try SampleOrder(
        sampleCount: count, batchSize: batch, shuffle: .none, lastBatch: .drop, rank: rank,
        world: world)
    }
    #expect(error?.description.contains(message) == true)
  }
}
