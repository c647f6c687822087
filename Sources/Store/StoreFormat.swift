import Experiment

/// The on-disk format, in one place. `docs/format.md` is its description for people.
///
/// A store is a Zarr v3 group (zarr-specs, `docs/v3/core`). Each split is a group in it, with an
/// `image` array, one column per label, and the `name` of every sample.
package enum StoreFormat {
  /// Raised when a reader of an older version could misread a newer store.
  package static let version = 2
  /// What this reader takes; `requires` of a newer store may still ask for more.
  static let readableVersions = 1...2
  /// The features that a store may ask its reader for.
  static let knownFeatures: Set<String> = []

  package static let rootMetadataFile = "zarr.json"
  package static let imageArray = "image"
  package static let nameArray = "name"
  /// The group of a split that holds what was measured of its photographs.
  static let measuresGroup = "measures"
  package static let sourceArray = "source_sha256"
  /// Names are zero-padded UTF-8 of fixed size, which is what every Zarr reader has.
  static let nameByteStep = 64
  static let nameByteRange = 64...4096
  /// A file of a column has at least this many samples (version 2).
  static let smallestColumnFile = 65_536
  package static let channelCount = 3

  /// The attribute that holds everything of ours in the root group.
  package static let attributeKey = "hydranet"
  /// The array-to-array filter's name in the codec chain; see `PredictiveFilter`.
  package static let filterName = "hydranet.predictive_rgb"

  /// Largest image edge: keeps `3 × size × size` far from any overflow.
  package static let sizeRange = 8...1024
  package static let samplesPerShardRange = PrepSettings.shardSizes
  /// No root metadata is larger; a larger file is refused before it is read.
  static let largestMetadata = 64 << 20
  /// An index entry of a sample that is not there.
  static let absent = UInt64.max
  static let indexEntryByteCount = 16
  static let checksumByteCount = 4
  /// LZ4HC's level for samples below `PlaneCompressor.smallestInput`: 9 is a third of a percent
  /// smaller at 32 pixels and takes twice the time.
  static let lz4Level: Int32 = 4
  /// Stands in for the digest of the root metadata while that digest is computed.
  static let blankDigest = String(repeating: "0", count: 64)
}

/// The shape of a store's image arrays, the same for every split.
package struct ImageLayout: Sendable, Equatable {
  /// Height and width in pixels.
  package let size: Int
  package let samplesPerShard: Int
  package let codec: PixelCodec

  /// - Throws: `StoreError` where a value is outside the format's range.
  package init(size: Int, samplesPerShard: Int, codec: PixelCodec) throws {
    guard StoreFormat.sizeRange.contains(size) else {
      throw StoreError(
        .notAStore, file: "image size",
        "\(size) is not in \(StoreFormat.sizeRange.lowerBound)...\(StoreFormat.sizeRange.upperBound)"
      )
    }
    guard StoreFormat.samplesPerShardRange.contains(samplesPerShard) else {
      let range = StoreFormat.samplesPerShardRange
      throw StoreError(
        .notAStore, file: "samples per shard",
        "\(samplesPerShard) is not in \(range.lowerBound)...\(range.upperBound)")
    }
    self.size = size
    self.samplesPerShard = samplesPerShard
    self.codec = codec
  }

  /// Pixels of one sample in bytes: 3 × size × size.
  package var sampleByteCount: Int { StoreFormat.channelCount * size * size }

  package func shardCount(samples: Int) -> Int {
    (samples + samplesPerShard - 1) / samplesPerShard
  }
}

extension StoreFormat {
  /// Whether a path below a store's folder has the form of one of its files: `zarr.json` of the root,
  /// of a split or of an array, and numbered chunks, as in `train/age/c/0`. Measures are one folder
  /// deeper.
  package static func isStoreFile(_ path: String) -> Bool {
    var parts = path.split(separator: "/", omittingEmptySubsequences: false)
    if parts.count > 2, parts[1] == measuresGroup[...] { parts.remove(at: 1) }
    if parts.last == rootMetadataFile[...] { return parts.count <= 3 }
    return parts.count >= 4 && parts[2] == "c"
      && parts[3...].allSatisfy { !$0.isEmpty && $0.utf8.allSatisfy { (48...57).contains($0) } }
  }
}
