import Experiment
import Files
import Store

/// A shard store that `utk-prep build` made, checked and opened for reading.
///
/// ```swift
/// let store = try ShardStore(path: "data/shards/utkface-32")
/// let train = try store.split("train")
/// let ages = try train.labels("age").compactMap { $0 }
/// print(train.sampleCount, ages.reduce(0, +) / Double(ages.count))
/// ```
///
/// Safe to share between threads. A store that another one replaces on disk stays as it was when it
/// was opened.
public struct ShardStore: Sendable {
  let reader: StoreReader

  public let path: String
  /// In the order they were built, such as train and validation.
  public let splits: [Split]
  /// What is known of every sample, in the order it was declared.
  public let columns: [Column]
  public let identity: Identity
  /// Height and width of every image, in pixels. Images have three channels: R, G, B.
  public var imageSize: Int { reader.layout.size }
  /// Of all files of the store.
  public var byteCount: Int { reader.storeByteCount }

  /// Checks the metadata, the sizes of all files and the index of every shard. Pixels and columns
  /// are checked as they are read.
  ///
  /// - Throws: `ShardError` where the folder is not a store, or is a damaged one.
  public init(path: String) throws(ShardError) {
    let reader = try ShardError.converting { try StoreReader(path: path) }
    self.reader = reader
    self.path = path
    columns = reader.schema.columns.map { Column($0) }
    splits = reader.splits.map { Split(store: reader, reader: $0) }
    identity = Identity(reader.identity)
  }

  /// - Throws: `ShardError` where there is no split of that name.
  public func split(_ name: String) throws(ShardError) -> Split {
    Split(store: reader, reader: try ShardError.converting { try reader.split(name) })
  }

  /// Which data a store holds, as hashes in hexadecimal.
  public struct Identity: Sendable, Equatable {
    /// Covers every byte of the store: copies with another codec or shard size differ.
    public let metadataSHA256: String
    /// Covers the image size and every source and label in order, however they are coded. Nil for a
    /// store of format version 1.
    public let contentSHA256: String?
    /// By split, covers the sources whatever their order and size; empty for format version 1.
    public let membersSHA256: [String: String]

    init(_ identity: StoreIdentity) {
      metadataSHA256 = identity.metadataSHA256
      contentSHA256 = identity.contentSHA256
      membersSHA256 = identity.membersSHA256
    }
  }

  /// What one column holds: `width` values for every sample.
  public struct Column: Sendable, Equatable {
    public let name: String
    /// label, group, fold, provenance, measure or teacher.
    public let role: String
    /// number, class (the number of one, from 0) or bytes.
    public let kind: String
    /// The type on disk, such as uint8 or float32.
    public let element: String
    public let width: Int
    /// Of a number, such as years.
    public let unit: String?
    /// The names of the classes, by number; empty where they have none.
    public let classNames: [String]

    init(_ column: Experiment.Column) {
      name = column.name
      role = column.role.rawValue
      kind = column.kind.rawValue
      element = column.element.rawValue
      width = column.width
      unit = column.unit
      classNames = column.classNames
    }
  }

  /// The samples of one split, numbered from 0.
  public struct Split: Sendable {
    let store: StoreReader
    let reader: SplitReader

    public var name: String { reader.name }
    public var sampleCount: Int { reader.sampleCount }

    /// A whole column: `width` values for each sample, one sample after the other. Nil where a value
    /// is not known; the class number of a class. Integers above 2⁵³ are rounded.
    ///
    /// - Throws: `ShardError` where there is no such column, or it is damaged.
    public func labels(_ column: String) throws(ShardError) -> [Double?] {
      MappedFile.keepGuard()
      let values = try ShardError.converting { try reader.column(column) }
      let width = values.column.width
      return (0..<sampleCount * width).map {
        values.value($0 / width, component: $0 % width)?.number
      }
    }

    /// Decodes some samples, in the order given: [count][3][size][size], planes of R, G and B.
    ///
    /// - Throws: `ShardError` where there is no such sample, or one is damaged.
    public func pixels(of samples: some Collection<Int>) throws(ShardError) -> [UInt8] {
      MappedFile.keepGuard()
      var pixels = [UInt8](repeating: 0, count: samples.count * reader.layout.sampleByteCount)
      try ShardError.converting {
        try pixels.withUnsafeMutableBufferPointer { pixels in
          guard let start = pixels.baseAddress else { return }
          try reader.decode(samples: samples, into: start)
        }
      }
      return pixels
    }
  }
}
