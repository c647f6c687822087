import Experiment
import Loader
import Store

/// The options of a stream as C gives them: a JSON object. What it leaves out has its default, and
/// what it has beyond is an error.
struct StreamOptions {
  let source: any SampleSource
  let loader: LoaderOptions
  let firstStep: Int

  private static let keys: Set<String> = [
    "split", "batch_size", "shuffle", "seed", "drop_last", "rank", "world_size", "flip",
    "crop_padding", "normalize", "dtype", "layout", "threads", "buffers", "cache_bytes",
    "first_step",
  ]

  /// - Throws: where an option is unknown, of another type, or not possible for this store.
  init(_ text: UnsafePointer<CChar>, _ store: StoreReader) throws {
    let bytes = Array(String(cString: text).utf8)
    let json = try bytes.withUnsafeBytes { bytes throws(JSONError) in
      try JSONValue.decoded(bytes)
    }
    guard case .object(let options) = json else {
      throw CallError("the options of a stream must be a JSON object")
    }
    if let unknown = options.keys.sorted().first(where: { !Self.keys.contains($0) }) {
      throw CallError(
        "there is no option \"\(unknown)\"; there are \(Self.keys.sorted().joined(separator: ", "))"
      )
    }
    func value<Value>(
      _ key: String, _ what: String, _ type: (JSONValue) -> Value?, _ standard: Value
    ) throws -> Value {
      guard let json = options[key], json != .null else { return standard }
      guard let value = type(json) else { throw CallError("the option \(key) must be \(what)") }
      return value
    }
    func integer(_ key: String, _ standard: Int, least: Int = 0) throws -> Int {
      let number = try value(key, "an integer", \.intValue, standard)
      guard number >= least else {
        throw CallError("the option \(key) must be at least \(least), got \(number)")
      }
      return number
    }
    func flag(_ key: String, _ standard: Bool) throws -> Bool {
      try value(key, "true or false", \.boolValue, standard)
    }
    func word(_ key: String, _ words: [String]) throws -> String {
      let word = try value(key, "one of \(words)", \.stringValue, words[0])
      guard words.contains(word) else {
        throw CallError("the option \(key) must be one of \(words), got \"\(word)\"")
      }
      return word
    }
    let seed = UInt64(try integer("seed", 0))
    let split = try store.split(value("split", "a name", \.stringValue, "train"))
    let base = ShardSource(split)
    let order = try SampleOrder(
      sampleCount: split.sampleCount, batchSize: integer("batch_size", 128),
      shuffle: flag("shuffle", true) ? .global(seed: seed) : .none,
      lastBatch: flag("drop_last", false) ? .drop : .keep, rank: integer("rank", 0),
      world: integer("world_size", 1))
    let padding = try integer("crop_padding", 0)
    let flip = try flag("flip", false)
    let augmentation = try Augmentation(horizontalFlip: flip, cropPadding: padding, seed: seed)
    let isInterleaved = try word("layout", ["nchw", "nhwc"]) == "nhwc"
    let layout =
      isInterleaved
      ? BatchLayout.nhwc(batchSize: order.batchSize, shape: base.imageShape)
      : .nchw(batchSize: order.batchSize, shape: base.imageShape)
    let isFloat = try word("dtype", ["float32", "uint8"]) == "float32"
    let threads = try options["threads"].flatMap { $0 == .null ? nil : $0 }.map { _ in
      try integer("threads", 1, least: 1)
    }
    let buffers = try options["buffers"].flatMap { $0 == .null ? nil : $0 }.map { _ in
      try integer("buffers", 2, least: 2)
    }
    loader = LoaderOptions(
      order: order, layout: layout,
      normalization: isFloat
        ? try PixelScaling(Self.normalization(options["normalize"]), for: store) : nil,
      augmentation: flip || padding > 0 ? augmentation : nil, threadCount: threads,
      slotCount: buffers)
    let budget = try integer("cache_bytes", CachedSource.automaticBudget(for: base))
    source = budget > 0 ? try CachedSource(base, byteBudget: budget) : base
    firstStep = try integer("first_step", 0)
  }

  /// `"imagenet"`, `"dataset"`, `{"mean": [...], "std": [...]}`; without any, pixels from 0 to 1.
  private static func normalization(_ choice: JSONValue?) throws -> Normalization? {
    switch choice {
    case nil, .null?: return nil
    case .string("imagenet")?: return .imagenet
    case .string("dataset")?: return .dataset
    case let values?:
      guard let mean = values["mean"]?.arrayValue?.map(\.doubleValue),
        let deviation = values["std"]?.arrayValue?.map(\.doubleValue),
        !mean.contains(nil), !deviation.contains(nil)
      else {
        throw CallError(
          "the option normalize must be \"imagenet\", \"dataset\", null, or the mean and std of "
            + "every channel")
      }
      return .values(
        ChannelStatistics(
          mean: mean.compactMap { $0 }, deviation: deviation.compactMap { $0 }))
    }
  }
}
