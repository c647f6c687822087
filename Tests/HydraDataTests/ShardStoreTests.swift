import Foundation
import HydraData
import Store
import Testing

@Suite struct ShardStoreTests {
  @Test func aStoreSaysWhatItHolds() throws {
    try withStore { folder in
      let store = try ShardStore(path: folder)
      #expect(store.path == folder && store.imageSize == 9 && store.byteCount > 1000)
      #expect(store.splits.map(\.name) == ["train"])
      #expect(store.splits.map(\.sampleCount) == [sampleCount])
      #expect(store.columns.map(\.name) == ["age", "kind", "pair"])
      #expect(store.columns.map(\.role) == ["label", "label", "teacher"])
      #expect(store.columns.map(\.kind) == ["number", "class", "number"])
      #expect(store.columns.map(\.element) == ["uint8", "uint16", "float32"])
      #expect(store.columns.map(\.width) == [1, 1, 2])
      #expect(store.columns[0].unit == "years" && store.columns[1].classNames == ["even", "odd"])
      let identity = try StoreReader(path: folder).identity
      #expect(store.identity.metadataSHA256 == identity.metadataSHA256)
      #expect(store.identity.contentSHA256 == identity.contentSHA256)
      #expect(store.identity.membersSHA256 == identity.membersSHA256)
    }
  }

  @Test func labelsAreNumbersOrNil() throws {
    try withStore { folder in
      let train = try ShardStore(path: folder).split("train")
      #expect(try train.labels("age") == (0..<sampleCount).map { $0 == 5 ? nil : Double($0) })
      #expect(try train.labels("kind") == (0..<sampleCount).map { $0 == 6 ? nil : Double($0 % 2) })
      #expect(
        try train.labels("pair") == (0..<sampleCount).flatMap { [Double($0), Double($0) / 2] })
    }
  }

  @Test func pixelsAreThoseOfTheImages() throws {
    try withStore { folder in
      let train = try ShardStore(path: folder).split("train")
      #expect(try train.pixels(of: [21, 0, 8, 8]) == [21, 0, 8, 8].flatMap(image))
      #expect(try train.pixels(of: []).isEmpty)
    }
  }

  /// What is wrong, by its kind and words of its one sentence.
  private func expect(
    _ kind: ShardError.Kind, _ words: String..., in body: () throws -> Void,
    location: SourceLocation = #_sourceLocation
  ) {
    let error = #expect(throws: ShardError.self, sourceLocation: location, performing: body)
    #expect(error?.kind == kind, sourceLocation: location)
    let text = error?.description ?? ""
    #expect(words.allSatisfy { text.contains($0) }, "\(text)", sourceLocation: location)
    #expect(!text.contains("\n") && !text.contains("Error("), "\(text)", sourceLocation: location)
  }

  @Test func whatIsNotThereIsNamed() throws {
    expect(.unreadable, "/no/such/store: does not exist", "utk-prep build") {
      _ = try ShardStore(path: "/no/such/store")
    }
    try withStore { folder in
      let store = try ShardStore(path: folder)
      expect(.invalidArgument, folder, "no split \"test\"; it has train") {
        _ = try store.split("test")
      }
      let train = try store.split("train")
      expect(.invalidArgument, "no column \"height\"; it has age, kind, pair") {
        _ = try train.labels("height")
      }
      for outside in [-1, sampleCount, .max, .min] {
        expect(.invalidArgument, "\(folder)/train", "no sample \(outside); it has 22") {
          _ = try train.pixels(of: [0, outside])
        }
      }
    }
  }

  @Test func aHostileStoreIsOneSentence() throws {
    func change(_ file: String, _ body: (inout Data) -> Void) throws {
      var bytes = try Data(contentsOf: URL(filePath: file))
      body(&bytes)
      try bytes.write(to: URL(filePath: file))
    }
    try withStore { folder in
      try change("\(folder)/zarr.json") { $0 = Data("{\"zarr_format\": 3".utf8) }
      #expect(throws: ShardError.self) { try ShardStore(path: folder) }
    }
    try withStore { folder in
      try change("\(folder)/train/image/c/1/0/0/0") { $0.removeLast() }
      expect(.damaged, "train/image/c/1/0/0/0", "bytes, expected", "build the store again") {
        _ = try ShardStore(path: folder)
      }
      try FileManager.default.removeItem(atPath: "\(folder)/train/image/c/1/0/0/0")
      expect(.damaged, "train/image/c/1/0/0/0", "is missing") { _ = try ShardStore(path: folder) }
    }
    try withStore { folder in
      try change("\(folder)/train/age/c/0") { $0[20] ^= 4 }
      let train = try ShardStore(path: folder).split("train")
      expect(.damaged, "train/age/c/0", "build the store again") { _ = try train.labels("age") }
      expect(.damaged, "train/age/c/0") { _ = try ShardLoader(train) }
    }
    try withStore { folder in
      // Chunks are in the order of the samples: the first one of shard 1 is sample 8.
      try change("\(folder)/train/image/c/1/0/0/0") { $0[20] ^= 4 }
      let train = try ShardStore(path: folder).split("train")
      expect(.damaged, "train/image/c/1/0/0/0, sample 0", "CRC-32C") {
        _ = try train.pixels(of: [8])
      }
      let loader = try ShardLoader(train, batchSize: 4, shuffle: false)
      var counts: [Int] = []
      expect(.damaged, "cannot load sample 8 for step 2: train/image/c/1/0/0/0", "CRC-32C") {
        for result in loader { counts.append(try result.get().count) }
      }
      #expect(counts == [4, 4] && loader.position == 2)
      // The same place again, and then past it.
      #expect(loader.map { (try? $0.get()) == nil } == [true])
      try loader.seek(epoch: 0, position: 4)
      #expect(try loader.next().indexes == [16, 17, 18, 19])
    }
  }
}
