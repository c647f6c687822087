import Experiment
import Store
import Terminal

/// What a store knows of one sample, as text and as JSON.
struct SampleRecord {
  private let place: String
  private let path: String
  private let source: String?
  private let shard: String
  private let byteCount: Int
  private let labels: [(column: Column, values: [ColumnValue?])]
  private let measures: [(StoreMeasure, UInt64)]

  /// - Throws: `StoreError` where there is no such sample, or what is said of it is damaged.
  init(_ store: StoreReader, _ split: SplitReader, _ index: Int) throws {
    guard index < split.sampleCount else {
      throw StoreError(
        .notFound, file: "\(store.path)/\(split.name)",
        "has \(split.sampleCount) samples, numbered from 0; there is no sample \(index)")
    }
    place = "\(store.path), \(split.name) \(index)"
    path = try split.names(of: [index])[0]
    source =
      store.schema.hasSources
      ? try split.sources()[index].bytes.map { SampleRecord.hex($0) }.joined() : nil
    shard = split.shardPath(ofSample: index)
    byteCount = split.encodedByteCount(sample: index)
    labels = try store.schema.columns.map { column in
      let values = try split.column(column.name)
      return (column, (0..<column.width).map { values.value(index, component: $0) })
    }
    measures =
      !store.schema.hasMeasures
      ? []
      : try StoreMeasure.allCases.map { measure in
        let width = measure.element.byteCount
        let bytes = try split.values(of: measure)[index * width..<(index + 1) * width]
        return (measure, bytes.reversed().reduce(0) { $0 << 8 | UInt64($1) })
      }
  }

  private static func hex(_ byte: UInt8) -> String {
    (byte < 16 ? "0" : "") + String(byte, radix: 16)
  }

  private static func text(_ measure: StoreMeasure, _ value: UInt64) -> String {
    measure == .perceptualHash ? "0x" + String(value, radix: 16) : "\(value)"
  }

  func lines() -> [String] {
    var table = TextTable(alignment: [.left, .left])
    table.append(["  path", path])
    if let source { table.append(["  source_sha256", source]) }
    table.append(["  shard", "\(shard), \(byteText(byteCount))"])
    for (column, values) in labels {
      table.append([
        "  \(column.name)", values.prefix(16).map { column.text(of: $0) }.joined(separator: " "),
      ])
    }
    for (measure, value) in measures {
      table.append(["  \(measure.rawValue)", Self.text(measure, value)])
    }
    return ["\(visible(place)):"] + table.lines()
  }

  var json: JSONValue {
    func json(_ column: Column, _ value: ColumnValue?) -> JSONValue {
      guard let number = value?.number else { return .null }
      if let place = Int(exactly: number), column.classNames.indices.contains(place) {
        return .string(column.classNames[place])
      }
      if case .unsigned(let value)? = value, value > 1 << 53 { return .string("\(value)") }
      return .number(number)
    }
    return [
      "path": .string(path), "source_sha256": source.map { .string($0) } ?? .null,
      "shard": .string(shard), "bytes": .integer(byteCount),
      "labels": .object(
        Dictionary(
          labels.map { column, values in
            let values = values.map { json(column, $0) }
            return (column.name, column.width == 1 ? values[0] : .array(values))
          }, uniquingKeysWith: { first, _ in first })),
      "measures": .object(
        Dictionary(
          measures.map { measure, value in
            (
              measure.rawValue,
              measure == .perceptualHash
                ? .string(Self.text(measure, value)) : .integer(Int(clamping: value))
            )
          }, uniquingKeysWith: { first, _ in first })),
    ]
  }
}
