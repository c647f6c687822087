import Experiment

/// The Zarr v3 documents of a store (zarr-specs, `docs/v3/core`, `docs/v3/codecs`): made from the
/// layout, so that a reader checks a store by comparing them.
enum ZarrMetadata {
  static func group(attributes: JSONValue = [:]) -> JSONValue {
    ["zarr_format": 3, "node_type": "group", "attributes": attributes]
  }

  /// The images of a split: uint8 [samples, 3, size, size], one sample an inner chunk.
  static func images(samples: Int, layout: ImageLayout) -> JSONValue {
    let size = JSONValue.integer(layout.size)
    var codecs: [JSONValue] = []
    if layout.codec == .predictive {
      codecs.append(["name": .string(StoreFormat.filterName), "configuration": [:]])
    }
    codecs.append(["name": "bytes"])
    codecs.append(blosc(shuffle: .bits, itemByteCount: 1))
    codecs.append(["name": "crc32c"])
    let sharding: JSONValue = [
      "name": "sharding_indexed",
      "configuration": [
        "chunk_shape": [1, 3, size, size],
        "codecs": .array(codecs),
        "index_codecs": [littleEndianBytes, ["name": "crc32c"]],
        "index_location": "end",
      ],
    ]
    return array(
      shape: [.integer(samples), 3, size, size],
      chunkShape: [.integer(layout.samplesPerShard), 3, size, size],
      dimensionNames: ["sample", "channel", "y", "x"], codecs: [sharding])
  }

  /// A column: [samples], or [samples, width].
  static func column(_ column: ColumnArray, samples: Int, schema: StoreSchema) -> JSONValue {
    let second: [JSONValue] = column.hasSecondAxis ? [.integer(column.width)] : []
    return array(
      shape: [.integer(samples)] + second,
      chunkShape: [.integer(schema.samplesPerColumnFile)] + second,
      dimensionNames: column.hasSecondAxis
        ? ["sample", .string(column.secondDimension)] : ["sample"],
      codecs: [
        column.element.byteCount > 1 ? littleEndianBytes : ["name": "bytes"],
        blosc(shuffle: column.shuffle, itemByteCount: column.itemByteCount), ["name": "crc32c"],
      ], element: column.element)
  }

  private static let littleEndianBytes: JSONValue = [
    "name": "bytes", "configuration": ["endian": "little"],
  ]

  private static func blosc(shuffle: BloscCodec.Shuffle, itemByteCount: Int) -> JSONValue {
    [
      "name": "blosc",
      "configuration": [
        "cname": .string(BloscCodec.compressor), "clevel": 9, "shuffle": .string(shuffle.rawValue),
        "typesize": .integer(itemByteCount), "blocksize": 0,
      ],
    ]
  }

  private static func array(
    shape: [JSONValue], chunkShape: [JSONValue], dimensionNames: JSONValue, codecs: [JSONValue],
    element: ColumnElement = .uint8
  ) -> JSONValue {
    [
      "zarr_format": 3, "node_type": "array", "shape": .array(shape),
      "data_type": .string(element.rawValue),
      "chunk_grid": ["name": "regular", "configuration": ["chunk_shape": .array(chunkShape)]],
      "chunk_key_encoding": ["name": "default", "configuration": ["separator": "/"]],
      "fill_value": 0, "dimension_names": dimensionNames, "codecs": .array(codecs),
      "attributes": [:],
    ]
  }

  /// All documents of a store but the root's, by path below it.
  static func documents(splits: [SplitDescription], schema: StoreSchema) -> [String: JSONValue] {
    var documents: [String: JSONValue] = [:]
    for split in splits {
      documents[split.name] = group()
      documents["\(split.name)/\(StoreFormat.imageArray)"] = images(
        samples: split.sampleCount, layout: schema.layout)
      if schema.hasMeasures { documents["\(split.name)/\(StoreFormat.measuresGroup)"] = group() }
      for column in schema.columnArrays {
        documents["\(split.name)/\(column.name)"] = self.column(
          column, samples: split.sampleCount, schema: schema)
      }
    }
    return documents
  }
}

/// A split as the root's attributes name it.
package struct SplitDescription: Sendable, Equatable {
  package let name: String
  package let sampleCount: Int

  package init(name: String, sampleCount: Int) {
    self.name = name
    self.sampleCount = sampleCount
  }
}
