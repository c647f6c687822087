import Faces
import Files
import Foundation
import Images
import Photographs
import Store
import Terminal

/// Decodes the originals of a store again, and compares every pixel.
package struct PixelComparison {
  package private(set) var comparedCount = 0
  package private(set) var problems: [StoreError] = []

  /// - Throws: `StoreError` where the store cannot be read, `ScanError` where the folder cannot.
  package static func run(store path: String, source: String) throws -> PixelComparison {
    let store = try StoreReader(path: path)
    let spool = Spool(folder: FileManager.default.temporaryDirectory.path)
    let folder = FolderSource(source, spool: spool)
    let files = try FileList.paths(of: folder, spool: spool).files
    // A path may be cut in the store; several files may then share its start.
    var candidates: [String: [Int]] = [:]
    try files.forEachPath { index, path in
      let key = String(
        decoding: StoreWriter.fittingName(Array(path), width: store.schema.nameByteCount),
        as: UTF8.self)
      candidates[key, default: []].append(index)
    }
    var comparison = PixelComparison()
    let line = ProgressLine(
      "comparing", total: store.splits.reduce(0) { $0 + $1.sampleCount }, unit: "images")
    let reader = PhotographReader(size: store.layout.size, upright: false)
    let original = UnsafeMutableBufferPointer<UInt8>.allocate(capacity: reader.byteCount)
    defer { original.deallocate() }
    let decoder = SampleDecoder(layout: store.layout)
    let count = store.layout.sampleByteCount
    let stored = UnsafeMutablePointer<UInt8>.allocate(capacity: count)
    defer { stored.deallocate() }
    for split in store.splits {
      for (sample, name) in try split.names().enumerated() {
        try split.decode(sample: sample, into: stored, decoder: decoder)
        var difference: String? = "its original \(name) is not in \(source)"
        for index in candidates[name] ?? [] {
          difference = compare(
            stored, folder.prefix + (try files.pathBytes(at: index)), reader, original,
            name: name)
          if difference == nil { break }
        }
        comparison.comparedCount += 1
        if let difference {
          comparison.problems.append(
            StoreError(
              .damaged, file: split.shardPath(ofSample: sample),
              sample: sample % store.layout.samplesPerShard, difference))
        }
        line.update(done: comparison.comparedCount)
        if Interruption.isRequested {
          throw BuildError(.interrupted, "interrupted before all pixels were compared")
        }
      }
    }
    line.finish()
    return comparison
  }

  private static func compare(
    _ stored: UnsafePointer<UInt8>, _ path: [UInt8], _ reader: PhotographReader,
    _ original: UnsafeMutableBufferPointer<UInt8>, name: String
  ) -> String? {
    do throws(ImageError) {
      try reader.read(.file(path), name: "", into: original)
      for i in original.indices where stored[i] != original[i] {
        return "byte \(i) is \(stored[i]), but \(name) gives \(original[i])"
      }
      return nil
    } catch {
      return "its original \(name) \(error.message)"
    }
  }
}
