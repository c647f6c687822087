import Experiment
import WeightFiles

/// Weights that a command was given, and what they are: as the file says, as a recipe says, or else
/// the article's.
///
/// ```swift
/// let given = try GivenWeights("best.safetensors", pipeline: nil, size: nil)
/// let predictor = try Predictor(
///   weights: given.file.path, settings: given.about.settings, size: given.about.imageSize)
/// ```
package struct GivenWeights: Sendable {
  package let file: TensorFile
  package let about: WeightDescription
  /// Whether the file or the user says the tasks and the size; else they are the article's.
  package let isDescribed: Bool
  /// The size that the file says it was trained at.
  private let trainedSize: Int?

  /// - Parameters:
  ///   - pipeline: a recipe file, which goes before the file's own.
  ///   - size: width and height of the images, which goes before the file's own.
  /// - Throws: `ModelFileError`, `PipelineError` or `TrainingError` for a bad file.
  package init(_ path: String, pipeline: String? = nil, size: Int? = nil) throws {
    file = try TensorFile.read(path)
    let own = try WeightDescription(file)
    var settings =
      try pipeline.map { try Pipeline(contentsOf: $0).train } ?? own?.settings ?? TrainSettings()
    // What the recipe leaves to the store, the run has found out there.
    if settings.normalize == .dataset, let own { settings.normalize = own.settings.normalize }
    about = WeightDescription(
      settings: settings, imageSize: size ?? own?.imageSize ?? 32,
      classNames: own?.classNames ?? ClassNames())
    isDescribed = own != nil || pipeline != nil && size != nil
    trainedSize = own?.imageSize
  }

  /// A sentence for the user where the weights are used at another size than they were trained at.
  package func remark(imageSize: Int) -> String? {
    guard let trainedSize, trainedSize != imageSize else { return nil }
    return "warning: \(file.path) was trained on images of \(trainedSize) pixels and is used on "
      + "images of \(imageSize): expect other figures than training logged"
  }
}
