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
    codecs.append(blosc(shuffle: "bitshuffle", itemByteCount: 1))
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

  /// A label: uint8 [samples].
  static func column(samples: Int, layout: ImageLayout) -> JSONValue {
    array(
      shape: [.integer(samples)], chunkShape: [.integer(layout.samplesPerShard)],
      dimensionNames: ["sample"],
      codecs: [
        ["name": "bytes"], blosc(shuffle: "bitshuffle", itemByteCount: 1), ["name": "crc32c"],
      ])
  }

  /// The names: uint8 [samples, 64]. Byte-wise shuffle with whole names as items puts the same
  /// place of every name side by side.
  static func names(samples: Int, layout: ImageLayout) -> JSONValue {
    let width = JSONValue.integer(StoreFormat.nameByteCount)
    return array(
      shape: [.integer(samples), width], chunkShape: [.integer(layout.samplesPerShard), width],
      dimensionNames: ["sample", "byte"],
      codecs: [
        ["name": "bytes"],
        blosc(shuffle: "shuffle", itemByteCount: StoreFormat.nameByteCount),
        ["name": "crc32c"],
      ])
  }

  private static let littleEndianBytes: JSONValue = [
    "name": "bytes", "configuration": ["endian": "little"],
  ]

  private static func blosc(shuffle: String, itemByteCount: Int) -> JSONValue {
    [
      "name": "blosc",
      "configuration": [
        "cname": .string(BloscCodec.compressor), "clevel": 9, "shuffle": .string(shuffle),
        "typesize": .integer(itemByteCount), "blocksize": 0,
      ],
    ]
  }

  private static func array(
    shape: [JSONValue], chunkShape: [JSONValue], dimensionNames: JSONValue, codecs: [JSONValue]
  ) -> JSONValue {
    [
      "zarr_format": 3, "node_type": "array", "shape": .array(shape), "data_type": "uint8",
      "chunk_grid": ["name": "regular", "configuration": ["chunk_shape": .array(chunkShape)]],
      "chunk_key_encoding": ["name": "default", "configuration": ["separator": "/"]],
      "fill_value": 0, "dimension_names": dimensionNames, "codecs": .array(codecs),
      "attributes": [:],
    ]
  }

  /// All documents of a store but the root's, by path below it.
  static func documents(splits: [SplitDescription], layout: ImageLayout) -> [String: JSONValue] {
    var documents: [String: JSONValue] = [:]
    for split in splits {
      documents[split.name] = group()
      documents["\(split.name)/\(StoreFormat.imageArray)"] = images(
        samples: split.sampleCount, layout: layout)
      documents["\(split.name)/\(StoreFormat.nameArray)"] = names(
        samples: split.sampleCount, layout: layout)
      for column in split.columns {
        documents["\(split.name)/\(column)"] = self.column(
          samples: split.sampleCount, layout: layout)
      }
    }
    return documents
  }
}

/// A split as the root's attributes name it.
package struct SplitDescription: Sendable, Equatable {
  package let name: String
  package let sampleCount: Int
  /// Label columns, in the order they were declared.
  package let columns: [String]

  package init(name: String, sampleCount: Int, columns: [String]) {
    self.name = name
    self.sampleCount = sampleCount
    self.columns = columns
  }
}
