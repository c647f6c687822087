import Experiment

/// What decides the arrays of a store, the same for every split.
package struct StoreSchema: Sendable, Equatable {
  package let version: Int
  package let layout: ImageLayout
  /// Label columns and others, in the order they were declared.
  package let columns: [Column]
  /// Bytes of a name: as wide as the longest path, in steps of 64.
  package let nameByteCount: Int
  /// Whether every sample has the hash of its source.
  package let hasSources: Bool
  /// Whether every sample has the measures of its photograph.
  package let hasMeasures: Bool

  /// A schema of the current version.
  ///
  /// - Parameter longestName: bytes of the longest name; a longer one than 4,096 is cut.
  package init(
    layout: ImageLayout, columns: [Column], longestName: Int = 0, hasSources: Bool = false,
    hasMeasures: Bool = false
  ) {
    let step = StoreFormat.nameByteStep
    let width = (max(1, longestName) + step - 1) / step * step
    self.init(
      version: StoreFormat.version, layout: layout, columns: columns,
      nameByteCount: min(width, StoreFormat.nameByteRange.upperBound), hasSources: hasSources,
      hasMeasures: hasMeasures)
  }

  init(
    version: Int, layout: ImageLayout, columns: [Column], nameByteCount: Int, hasSources: Bool,
    hasMeasures: Bool
  ) {
    self.version = version
    self.layout = layout
    self.columns = columns
    self.nameByteCount = nameByteCount
    self.hasSources = hasSources
    self.hasMeasures = hasMeasures
  }

  /// Samples in a file of a column. Large shards of small images would otherwise mean thousands of
  /// files with a few kilobytes of labels each.
  package var samplesPerColumnFile: Int {
    version == 1
      ? layout.samplesPerShard : max(layout.samplesPerShard, StoreFormat.smallestColumnFile)
  }

  /// The arrays of a split besides its images: the columns, then the format's own.
  var columnArrays: [ColumnArray] {
    var arrays = columns.map {
      ColumnArray(
        name: $0.name, element: $0.element, width: $0.width, secondDimension: "component",
        shuffle: $0.kind == .bytes ? .none : .bits)
    }
    arrays.append(nameArray)
    if hasSources { arrays.append(Self.sourceArray) }
    if hasMeasures { arrays += StoreMeasure.allCases.map(\.array) }
    return arrays
  }

  var nameArray: ColumnArray {
    ColumnArray(
      name: StoreFormat.nameArray, element: .uint8, width: nameByteCount, secondDimension: "byte",
      isText: true, shuffle: .bytes)
  }

  static let sourceArray = ColumnArray(
    name: StoreFormat.sourceArray, element: .uint8, width: SourceHash.byteCount,
    secondDimension: "byte", isText: true, shuffle: .none)
}

/// What is measured of every photograph as it was decoded: an array in the group `measures`.
package enum StoreMeasure: String, CaseIterable, Sendable {
  case perceptualHash = "perceptual_hash"
  case width, height, brightness, contrast, sharpness, colorfulness

  package var element: ColumnElement {
    switch self {
    case .perceptualHash: .uint64
    case .width, .height: .uint32
    case .brightness, .contrast, .sharpness, .colorfulness: .uint16
    }
  }

  /// The array's path below its split.
  package var path: String { "\(StoreFormat.measuresGroup)/\(rawValue)" }

  var array: ColumnArray {
    ColumnArray(
      name: path, element: element, width: 1, secondDimension: "component",
      shuffle: self == .perceptualHash ? .none : .bits)
  }
}

/// An array with a row for every sample, in plain chunks.
struct ColumnArray {
  let name: String
  let element: ColumnElement
  let width: Int
  /// What the second axis is called; see `hasSecondAxis`.
  let secondDimension: String
  /// Whether a row is an axis also where it has one value.
  var isText = false
  let shuffle: BloscCodec.Shuffle

  var hasSecondAxis: Bool { isText || width > 1 }
  var rowByteCount: Int { width * element.byteCount }

  /// Blosc's item: for names 64 bytes, so that the same place of every name is side by side.
  var itemByteCount: Int { shuffle == .bytes ? StoreFormat.nameByteStep : element.byteCount }

  /// The path of a file of this array below the store's folder.
  func path(split: String, file: Int) -> String {
    "\(split)/\(name)/c/\(file)" + (hasSecondAxis ? "/0" : "")
  }
}
