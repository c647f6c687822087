import Checksums
import Faces
import Files
import Foundation
import Images
import StoreBuilding
import Testing

@Suite struct SegmentTests {
  private let identity = SegmentIdentity(
    part: 1, partCount: 3, recipe: (0..<32).map { UInt8($0) })

  private func withFolder(_ body: (String) throws -> Void) throws {
    let folder = FileManager.default.temporaryDirectory.path + "/\(UUID().uuidString)"
    defer { try? FileManager.default.removeItem(atPath: folder) }
    try body(folder)
  }

  private func record(_ number: Int) -> SegmentRecord {
    if number % 5 == 4 {
      return SegmentRecord(
        path: Array("bad \(number)".utf8) + [0xff], contentHash: [],
        outcome: .rejected(.unreadable, message: "cannot be read: é"))
    }
    var measures = ImageMeasures()
    measures.perceptualHash = SplitMix64.mix(UInt64(number))
    (measures.width, measures.height) = (200, UInt32(number))
    (measures.brightness, measures.contrast) = (1, 2)
    (measures.sharpness, measures.colorfulness) = (3, 4)
    var sums = ChannelSums()
    sums.sum = SIMD4(1, 2, UInt64(number), 0)
    sums.squares = SIMD4(4, 5, .max, 0)
    return SegmentRecord(
      path: Array("folder/\(number).jpg".utf8), contentHash: [UInt8](repeating: 7, count: 32),
      byteCount: 1 << 40 + number, remarks: number % 2 == 0 ? .turned : [.turned, .irregularName],
      outcome: .sample(labels: [1, 2, UInt8(number % 256)], measures: measures, sums: sums))
  }

  /// Bytes with their CRC-32C behind them; none for a reject.
  private func chunk(_ number: Int) -> [UInt8] {
    guard number % 5 != 4 else { return [] }
    let content = (0..<100 + number).map { UInt8(truncatingIfNeeded: $0 &* number) }
    let checksum = content.withUnsafeBytes { CRC32C.checksum($0) }
    return content + withUnsafeBytes(of: checksum.littleEndian, Array.init)
  }

  private func append(_ numbers: Range<Int>, to writer: SegmentWriter) throws {
    for number in numbers {
      try chunk(number).withUnsafeBytes { try writer.append(record(number), chunk: $0) }
    }
  }

  /// The numbers of all records, after comparing them and their chunks.
  private func contents(_ scan: SegmentScan) throws -> Int {
    var number = 0
    try scan.forEachRecord { view, offset in
      let place = view.chunk
      #expect(SegmentRecord(view) == self.record(number))
      #expect(SegmentRecord(try scan.record(at: offset)) == self.record(number))
      if place.byteCount > 0 {
        let bytes = try scan.withBytes(of: place) { Array($0) }
        #expect(bytes == chunk(number))
      }
      number += 1
    }
    return number
  }

  @Test func recordsAndChunksComeBack() throws {
    try withFolder { folder in
      let writer = try SegmentWriter(folder: folder, identity: identity)
      #expect(throws: FileError.self) {
        _ = try SegmentWriter(folder: folder, identity: self.identity)
      }
      try append(0..<300, to: writer)
      try writer.finish()
      let scan = try SegmentManifest.check(folder: folder).scan
      #expect(scan.identity == identity)
      let count = try contents(scan)
      #expect(count == 300)
    }
  }

  /// Wherever a kill tore the files, whole records stay and the next run goes on behind them.
  @Test func tornFilesGoOn() throws {
    try withFolder { folder in
      do {
        let writer = try SegmentWriter(folder: folder, identity: identity)
        try append(0..<20, to: writer)
        try writer.flush()
      }
      let files = ["records", "chunks"].map { "\(folder)/\($0)" }
      let whole = try files.map { try Data(contentsOf: URL(fileURLWithPath: $0)) }
      for file in 0..<2 {
        for count in stride(from: 0, through: whole[file].count, by: 7) {
          for other in 0..<2 {
            let bytes = other == file ? whole[other].prefix(count) : whole[other]
            try bytes.write(to: URL(fileURLWithPath: files[other]))
          }
          let kept: Int
          do {
            let writer = try SegmentWriter(folder: folder, identity: identity)
            kept = writer.resumedCount
            try append(kept..<25, to: writer)
            try writer.finish()
          }
          #expect(kept <= 20)
          let found = try contents(SegmentManifest.check(folder: folder).scan)
          #expect(found == 25, "\(files[file]) cut to \(count)")
        }
      }
    }
  }

  @Test func anotherRecipeStartsAnew() throws {
    try withFolder { folder in
      do {
        let writer = try SegmentWriter(folder: folder, identity: identity)
        try append(0..<20, to: writer)
        try writer.finish()
      }
      var other = identity
      other.recipe[0] = 99
      let writer = try SegmentWriter(folder: folder, identity: other)
      #expect(writer.resumedCount == 0)
      #expect(throws: FileError.self) { _ = try SegmentManifest.check(folder: folder) }
    }
  }

  /// No flipped byte passes as what was written, and none crashes.
  @Test func everyFlipIsNoticed() throws {
    try withFolder { folder in
      do {
        let writer = try SegmentWriter(folder: folder, identity: identity)
        try append(0..<6, to: writer)
        try writer.finish()
      }
      for name in ["records", "chunks", "manifest.json"] {
        let url = URL(fileURLWithPath: "\(folder)/\(name)")
        let whole = try Data(contentsOf: url)
        for index in whole.indices {
          var damaged = whole
          damaged[index] ^= 0x41
          try damaged.write(to: url)
          let isNoticed: Bool
          do {
            let scan = try SegmentManifest.check(folder: folder).scan
            var chunks = 0
            try scan.forEachRecord { view, _ in
              guard view.chunk.byteCount > 0 else { return }
              try scan.withBytes(of: view.chunk) { chunks += $0.count }
            }
            isNoticed = false
          } catch {
            isNoticed = error is FileError
          }
          #expect(isNoticed, "byte \(index) of \(name)")
        }
        try whole.write(to: url)
      }
    }
  }
}
