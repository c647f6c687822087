import HydraData

/// Prints what a store holds, and streams an epoch of its training images:
///
///     swift run -c release --package-path Tests/ExamplePackage example data/shards/drawn-32
@main struct Example {
  static func main() throws {
    guard CommandLine.arguments.count == 2 else { fatalError("usage: example STORE") }
    let store = try ShardStore(path: CommandLine.arguments[1])
    print("\(store.path): \(store.imageSize)×\(store.imageSize) pixels")
    for split in store.splits { print("  \(split.name): \(split.sampleCount) samples") }
    for column in store.columns {
      let about = column.classNames.isEmpty ? [column.unit ?? column.kind] : column.classNames
      print("  \(column.name): \(column.role), \(about.joined(separator: ", "))")
    }

    let labels = store.columns.filter { $0.role == "label" }.map(\.name)
    let loader = try ShardLoader(
      store.split("train"), batchSize: 64, seed: 1, flip: true, normalization: .imagenet)
    var sums: [String: (total: Double, count: Int)] = [:]
    var (imageCount, valueCount) = (0, 0)
    let start = ContinuousClock.now
    for result in loader {
      let batch = try result.get()
      imageCount += batch.count
      // A network would take them here: [count][3][size][size].
      batch.withImages { valueCount += $0.count }
      for label in labels {
        for value in try batch.labels(label) {
          guard let value else { continue }
          sums[label, default: (0, 0)].total += value
          sums[label, default: (0, 0)].count += 1
        }
      }
    }
    let seconds = (ContinuousClock.now - start) / .seconds(1)
    let speed = Int(Double(imageCount) / seconds)
    print("epoch 0: \(imageCount) images, \(valueCount) float32 values, \(speed) images/s")
    for label in labels {
      guard let sum = sums[label] else { continue }
      print("  mean \(label): \(sum.total / Double(sum.count))")
    }
  }
}
