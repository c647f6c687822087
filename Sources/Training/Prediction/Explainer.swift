import Experiment
import Files
import Images
import Network

/// Writes, for every image and task, a picture of where the answer comes from: an activation map
/// over the image as the network saw it.
///
/// What is explained is the chosen class's logit, or a number's value: for a distribution its
/// expectation, as a median has no gradient. See `ActivationMapper`.
package struct Explainer: Sendable {
  private let folder: String
  private let mapper: ActivationMapper
  private let tasks: [TaskSettings]

  /// Pictures are magnified to at least this many pixels.
  private static let leastSide = 256

  /// Which layer's map is shown, for people: `layer2.1, 4×4`.
  package var source: String { "\(mapper.layer), \(mapper.height)×\(mapper.width)" }

  /// Makes the folder.
  ///
  /// - Throws: `FileError` for a folder that already holds something, `ModelError` for an MTAN.
  init(folder: String, model: HydraNet, tasks: [TaskSettings]) throws {
    mapper = try ActivationMapper(model)
    self.tasks = tasks
    self.folder = folder
    try makeDirectories(folder)
    guard try namesAsBytes(in: folder).isEmpty else {
      throw FileError(folder, "is not empty; give a new folder for the pictures")
    }
  }

  /// Writes the pictures of one image.
  ///
  /// - Parameters:
  ///   - number: of the image among all, from 1: names of files may repeat.
  ///   - image: as the network saw it.
  ///   - model: after a forward pass of the batch, without training.
  ///   - sample: the image's place in the batch.
  ///   - answers: by task, the outputs that the prediction is made of.
  /// - Returns: by task, the path of its picture.
  func write(
    number: Int, file: String, image: RGBImage, model: HydraNet, sample: Int, answers: [[Float]]
  ) throws -> [String: String] {
    var paths: [String: String] = [:]
    for (index, task) in tasks.enumerated() {
      let logits = Array(
        model.logits(task: index)[sample * task.outputCount..<(sample + 1) * task.outputCount])
      let map = mapper.map(
        of: model, task: index, sample: sample,
        slopes: Self.slopes(task, answer: answers[index], logits: logits))
      let magnification = (Self.leastSide + image.width - 1) / image.width
      let picture = ActivationOverlay(
        map: map, height: mapper.height, width: mapper.width
      ).over(image, magnification: magnification)
      let digits = String(number)
      let path =
        "\(folder)/\(String(repeating: "0", count: max(0, 6 - digits.count)))\(digits)-"
        + "\(Self.plainName(file)).\(Self.plainName(task.name)).png"
      try AtomicFile.write(PNGWriter.encode(picture), to: path)
      paths[task.name] = path
    }
    return paths
  }

  /// The gradient of what is explained by the head's outputs.
  static func slopes(_ task: TaskSettings, answer: [Float], logits: [Float]) -> [Float] {
    if let bins = task.distributionBins {
      let probabilities = softmax(logits.map { Double($0) })
      let mean = bins.answer(.mean, logits)
      return probabilities.enumerated().map { Float($1 * (bins.value($0) - mean)) }
    }
    let chosen = HeadAnswer(task.kind, answer[...]).chosenClass
    switch task.kind {
    case .regression: return [1]
    case .binary: return [chosen == 1 ? 1 : -1]
    case .categorical: return logits.indices.map { $0 == chosen ? 1 : 0 }
    }
  }

  /// The last part of a path, of letters, digits, `.`, `-` and `_`, at most 60 of them.
  static func plainName(_ path: String) -> String {
    let name = path.split(separator: "/").last ?? ""
    let plain = name.unicodeScalars.map { scalar -> Character in
      let isPlain =
        scalar.isASCII
        && (scalar.properties.isAlphabetic || "0123456789.-_".unicodeScalars.contains(scalar))
      return isPlain ? Character(scalar) : "_"
    }
    return String(plain.suffix(60))
  }
}
