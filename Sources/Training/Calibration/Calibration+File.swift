import Checksums
import Experiment
import Files
import Metrics
import Store
import Terminal

extension Calibration {
  /// `best.safetensors.calibration.json` for `best.safetensors`.
  package static func path(besides weights: String) -> String { weights + ".calibration.json" }

  private static let largestFile = 16 << 20

  package static func sha256(ofWeights path: String) throws -> String {
    let file = try MappedFile(path: path)
    let digest = SHA256Digest.hex(of: file.bytes)
    try file.checkWhole()
    return digest
  }

  /// The calibration in the file beside weights, checked against them; nil where there is no file.
  ///
  /// - Throws: `FileError`, and `TrainingError` for a file that is damaged, of other weights, or of
  ///   other tasks.
  package init?(besides weights: String, tasks: [TaskSettings]) throws {
    let path = Self.path(besides: weights)
    guard exists(path) else { return nil }
    let file = try MappedFile(path: path, limit: Self.largestFile)
    func problem(_ what: String) -> TrainingError {
      TrainingError(
        "\(path): \(what); run hydra-train calibrate again, or give --uncalibrated")
    }
    let json: JSONValue
    do { json = try JSONValue.decoded(file.bytes) } catch { throw problem("\(error)") }
    try file.checkWhole()
    guard json["format"]?.intValue == 1, let sha256 = json["weights_sha256"]?.stringValue,
      let store = json["store"].flatMap(StoreIdentity.init(json:)),
      let split = json["split"]?.stringValue, let count = json["fitted_samples"]?.intValue,
      count >= 0,
      let augmentation = json["tta"]?.stringValue.flatMap(TestTimeAugmentation.init(rawValue:)),
      case .object(let members)? = json["heads"]
    else { throw problem("is not a calibration of format 1") }
    guard try sha256 == Self.sha256(ofWeights: weights) else {
      throw problem("was made for other weights than \(weights)")
    }
    guard Set(members.keys) == Set(tasks.map(\.name)) else {
      throw problem(
        "calibrates the tasks \(members.keys.sorted().joined(separator: ", ")), expected "
          + tasks.map(\.name).joined(separator: ", "))
    }
    var heads: [String: Head] = [:]
    for task in tasks {
      guard let head = members[task.name].flatMap(Head.init(json:)), head.kind == task.kind else {
        throw problem("has a bad entry for \(quoted(task.name))")
      }
      heads[task.name] = head
    }
    self.init(
      weightsSHA256: sha256, store: store, split: split, fittedCount: count,
      augmentation: augmentation,
      heads: heads)
  }

  /// Writes the file beside the weights, whole or not at all.
  ///
  /// - Returns: its path.
  package func write(besides weights: String) throws -> String {
    let path = Self.path(besides: weights)
    let json: JSONValue = [
      "format": 1, "weights_sha256": .string(weightsSHA256), "store": store.json,
      "split": .string(split),
      "fitted_samples": .integer(fittedCount), "tta": .string(augmentation.rawValue),
      "heads": .object(heads.mapValues(\.json)),
    ]
    try AtomicFile.write(json.encoded(pretty: true) + Array("\n".utf8), to: path)
    return path
  }
}

extension Calibration.Head {
  fileprivate init?(json: JSONValue) {
    guard let kind = json["kind"]?.stringValue.flatMap(TaskSettings.Kind.init(rawValue:)),
      let temperature = json["temperature"]?.doubleValue, Temperature.range.contains(temperature),
      let list = json["thresholds"]?.arrayValue
    else { return nil }
    let thresholds = list.map { $0 == .null ? Double.infinity : $0.doubleValue ?? .nan }
    let any = ConformalTable.anyNumber
    let bounds = [
      json["minimum"].map { $0.doubleValue ?? .nan } ?? any.lowerBound,
      json["maximum"].map { $0.doubleValue ?? .nan } ?? any.upperBound,
    ]
    guard let conformal = ConformalTable(thresholds: thresholds), bounds.allSatisfy(any.contains),
      bounds[0] <= bounds[1],
      // A regression has no temperature, and 1 less a probability is at most 1.
      kind == .regression
        ? temperature == 1 : conformal.thresholds.allSatisfy({ $0 <= 1 || $0 == .infinity })
    else { return nil }
    self.init(
      kind: kind, temperature: temperature, conformal: conformal, limits: bounds[0]...bounds[1])
  }

  /// Thresholds of coverages from 50 to 99 percent; null for one that needs more samples.
  fileprivate var json: JSONValue {
    var members: [String: JSONValue] = [
      "kind": .string(kind.rawValue), "temperature": .number(temperature),
      "thresholds": .array(
        conformal.thresholds.map { $0.isFinite ? .number($0) : .null }),
    ]
    let any = ConformalTable.anyNumber
    if limits.lowerBound > any.lowerBound { members["minimum"] = .number(limits.lowerBound) }
    if limits.upperBound < any.upperBound { members["maximum"] = .number(limits.upperBound) }
    return .object(members)
  }
}
