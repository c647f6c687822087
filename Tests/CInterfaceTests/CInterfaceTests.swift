import CInterface
import Experiment
import Foundation
import Loader
import Store
import Testing

/// The C functions called as C would: handles, memory and NULL. Their values are held against
/// zarr-python's in python/tests.
@Suite struct CInterfaceTests {
  private static let sampleCount = 10
  private static let pixelCount = 3 * 8 * 8

  /// The handle of a store of ten images, sample n filled with n, its age n.
  private func withStore(_ body: (UnsafeMutableRawPointer) throws -> Void) throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString).path
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let layout = try ImageLayout(size: 8, samplesPerShard: 16, codec: .predictive)
    let writer = StoreWriter(
      folder: folder,
      schema: StoreSchema(layout: layout, columns: [try Column("age", .label, .number, .uint8)]))
    let encoder = SampleEncoder(layout: layout)
    let shard = try writer.shardWriter(split: "train", shard: 0)
    for sample in 0..<Self.sampleCount {
      try shard.append(encoder.encode([UInt8](repeating: UInt8(sample), count: Self.pixelCount)))
    }
    var entry = try shard.finish()
    entry.path = StoreWriter.shardPath(split: "train", shard: 0)
    var files = [entry]
    files += try writer.writeColumn(split: "train", name: "age", count: Self.sampleCount) {
      $0.map { UInt8($0) }
    }
    files += try writer.writeNames(split: "train", count: Self.sampleCount) {
      $0.map { Array("\($0)".utf8) }
    }
    try writer.finish(
      splits: [SplitDescription(name: "train", sampleCount: Self.sampleCount)], files: files,
      dataset: [:])
    let handle = try #require(open(folder), "\(problem)")
    defer { close(handle) }
    try body(handle)
  }

  private var problem: String { lastError().map { String(cString: $0) } ?? "" }

  @Test func nothingIsWrittenBeyondTheCapacity() throws {
    try withStore { handle in
      let length = describe(handle, nil, 0)
      #expect(length > 100)
      var text = [UInt8](repeating: 7, count: length)
      #expect(describe(handle, &text, 10) == length)
      #expect(text[9] != 7 && text[10...].allSatisfy { $0 == 7 })

      var ages = [UInt8](repeating: 77, count: Self.sampleCount)
      #expect(column(handle, "train", "age", &ages, Self.sampleCount - 1) == -1)
      #expect(ages.allSatisfy { $0 == 77 } && problem.contains("10 are needed"))
      #expect(column(handle, "train", "age", &ages, Self.sampleCount) == Self.sampleCount)
      #expect(ages == Array(0..<10))

      var pixels = [UInt8](repeating: 77, count: 2 * Self.pixelCount)
      #expect(read(handle, "train", [3, 1], 2, &pixels, pixels.count) == pixels.count)
      #expect(pixels.prefix(Self.pixelCount).allSatisfy { $0 == 3 })
      #expect(pixels.suffix(Self.pixelCount).allSatisfy { $0 == 1 })
    }
  }

  @Test(arguments: [
    ([-1], 1, "no sample -1"), ([10], 1, "no sample 10"), ([1, 2], 2, "are needed"),
    ([1], .max, "are needed"),
  ])
  func indicesAndCountsAreChecked(indices: [Int], count: Int, words: String) throws {
    try withStore { handle in
      var pixels = [UInt8](repeating: 0, count: Self.pixelCount)
      #expect(read(handle, "train", indices, count, &pixels, pixels.count) == -1)
      #expect(problem.contains(words), "\(problem)")
    }
  }

  @Test(arguments: [
    ("[]", "object"), ("{\"batch\":1}", "no option \"batch\""),
    ("{\"batch_size\":\"1\"}", "integer"),
    ("{\"batch_size\":0}", "batch"), ("{\"layout\":\"chw\"}", "nchw"), ("{\"flip\":1}", "true"),
    ("{\"split\":\"test\"}", "test"), ("{\"normalize\":{\"mean\":[0]}}", "normalize"),
    ("{\"seed\":-1}", "at least 0"), ("{\"buffers\":1}", "at least 2"), ("{", "not JSON"),
  ])
  func optionsAreChecked(options: String, words: String) throws {
    try withStore { handle in
      #expect(openStream(handle, options) == nil)
      #expect(problem.contains(words), "\(problem)")
    }
  }

  @Test func batchesAreHeldUntilTheyAreReleased() throws {
    try withStore { handle in
      let options = """
        {"batch_size":4,"shuffle":false,"dtype":"uint8","buffers":2,"threads":1,"first_step":3}
        """
      #expect(stepsPerEpoch(handle, options) == 3)
      let stream = try #require(openStream(handle, options), "\(problem)")
      var batches: [UnsafeMutableRawPointer] = []
      for step in 3...4 {
        var view = [Int](repeating: 0, count: 6)
        while next(stream, 50, &view) == 0 {}
        #expect(Array(view[..<3]) == [step, 1, 4])
        let pixels = try #require(UnsafePointer<UInt8>(bitPattern: view[3]))
        let samples = try #require(UnsafePointer<Int>(bitPattern: view[4]))
        for place in 0..<4 {
          #expect(samples[place] == (step - 3) * 4 + place)
          #expect(Int(pixels[place * Self.pixelCount]) == samples[place])
        }
        batches.append(try #require(UnsafeMutableRawPointer(bitPattern: view[5])))
      }
      var view = [Int](repeating: 0, count: 6)
      #expect(next(stream, 50, &view) == -1 && problem.contains("release"))
      release(batches[0])
      while next(stream, 50, &view) == 0 {}
      #expect(Array(view[..<3]) == [5, 1, 2])
      closeStream(stream)
      // Batches outlive their stream.
      release(batches[1])
      release(try #require(UnsafeMutableRawPointer(bitPattern: view[5])))
    }
  }

  /// `SampleOrder` is what `hydra-train` orders its epochs with. Seeds of JSON end at Int64.max.
  @Test(arguments: [
    (0, 0, 0, 1), (0, 1, 0, 1), (1, 3, 0, 1), (1, 4, 0, 2), (1, 4, 1, 2), (7, 0, 2, 3),
    (42, 99, 0, 1), (1 << 32, 5, 1, 3), (1 << 62, 1000, 0, 1), (.max, 12, 0, 1),
  ])
  func theOrderIsTheTrainers(seed: Int, epoch: Int, rank: Int, world: Int) throws {
    try withStore { handle in
      let order = try SampleOrder(
        sampleCount: Self.sampleCount, batchSize: 3, shuffle: .global(seed: UInt64(seed)),
        rank: rank, world: world)
      let first = epoch * order.stepsPerEpoch
      let options = """
        {"batch_size":3,"seed":\(seed),"rank":\(rank),"world_size":\(world),"first_step":\(first)}
        """
      let stream = try #require(openStream(handle, options), "\(problem)")
      defer { closeStream(stream) }
      // The whole epoch and the start of the next one.
      for step in first...first + order.stepsPerEpoch {
        var view = [Int](repeating: 0, count: 6)
        var answer = 0
        repeat { answer = next(stream, 50, &view) } while answer == 0
        try #require(answer == 1, "\(problem)")
        let expected = order.samples(ofStep: step)
        #expect(Array(view[..<3]) == [step, order.epoch(ofStep: step), expected.count])
        let samples = UnsafeBufferPointer(
          start: UnsafePointer<Int>(bitPattern: view[4]), count: view[2])
        #expect(Array(samples) == expected)
        release(try #require(UnsafeMutableRawPointer(bitPattern: view[5])))
      }
    }
  }

  @Test(arguments: [(1, 1), (3, 17), (16, 16), (33, 40)])
  func theFilterIsUndone(height: Int, width: Int) {
    let pixels = (0..<2 * 3 * height * width).map { UInt8(truncatingIfNeeded: $0 &* $0 / 7) }
    var folded = [UInt8](repeating: 0, count: pixels.count)
    var back = folded
    #expect(encodeFilter(pixels, 2, height, width, &folded) == pixels.count)
    #expect(decodeFilter(folded, 2, height, width, &back) == pixels.count)
    #expect(back == pixels && (folded != pixels || height == 1))
    #expect(decodeFilter(folded, 1, 0, width, &back) == -1 && problem.contains("sides"))
  }
}
