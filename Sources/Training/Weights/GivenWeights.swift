import Experiment
import Reports
import WeightFiles

/// Weights that a command was given, and what they are: as the file says, as a recipe says, or else
/// those of a run without a recipe: a task for every label column of the store, or, without a store,
/// the article's three.
///
/// ```swift
/// let given = try GivenWeights("best.safetensors", pipeline: nil, size: nil)
/// let predictor = try Predictor(
///   weights: given.file.path, settings: given.about.settings, size: given.about.imageSize)
/// ```
package struct GivenWeights: Sendable {
  package let file: TensorFile
  package let about: WeightDescription
  /// Whether the file or the user says the tasks and the size; else they are assumed.
  package let isDescribed: Bool
  /// The tasks to measure on a store: empty for its own, where neither file nor recipe names any.
  package let namedTasks: [TaskSettings]
  /// The size that the file says it was trained at.
  private let trainedSize: Int?
  private let isSizeKnown: Bool

  /// - Parameters:
  ///   - pipeline: a recipe file, which goes before the file's own.
  ///   - size: width and height of the images, which goes before the file's own.
  /// - Throws: `FileError`, `PipelineError` or `TrainingError` for a bad file.
  package init(_ path: String, pipeline: String? = nil, size: Int? = nil) throws {
    file = try TensorFile.read(path)
    let own = try WeightDescription(file)
    let recipe = try pipeline.map { try Pipeline(contentsOf: $0) }
    var settings = recipe?.train ?? own?.settings ?? TrainSettings()
    for (index, task) in settings.tasks.enumerated() where task.isDistribution && task.range.isEmpty
    {
      settings.tasks[index].range =
        own?.settings.tasks.first { $0.name == task.name && $0.isDistribution }?.range ?? []
    }
    namedTasks = settings.tasks
    if settings.tasks.isEmpty { settings.tasks = TaskSettings.article }
    // What the recipe leaves to the store, the run has found out there.
    if settings.normalize == .dataset, let own { settings.normalize = own.settings.normalize }
    // No tensor tells whether there is a max-pool: what the weights were trained with goes first.
    if let own, let pipeline {
      guard [.max, own.settings.model.stemPool].contains(settings.model.stemPool) else {
        throw TrainingError(
          "\(pipeline) has model.stem.pool: \(settings.model.stemPool.rawValue), but \(path) was "
            + "trained with \(own.settings.model.stemPool.rawValue); leave it out of the recipe")
      }
      settings.model.stemPool = own.settings.model.stemPool
    }
    var about =
      own
      ?? WeightDescription(
        settings: settings, imageSize: (recipe ?? Pipeline()).prep.size, classNames: ClassNames())
    about.settings = settings
    if let size { about.imageSize = size }
    self.about = about
    isDescribed = own != nil || pipeline != nil && size != nil
    trainedSize = own?.imageSize
    isSizeKnown = own != nil || size != nil || pipeline != nil
  }

  /// A sentence for the user where the weights are used at another size than they were trained at,
  /// or where nothing says the size.
  package func remark(imageSize: Int) -> String? {
    if let trainedSize, trainedSize != imageSize {
      return "warning: \(file.path) was trained on images of \(trainedSize) pixels and is used on "
        + "images of \(imageSize): expect other figures than training logged"
    }
    guard !isSizeKnown else { return nil }
    return "note: \(file.path) does not say its image size; \(imageSize) pixels are assumed, give "
      + "--size for another"
  }

  /// Refuses to measure at a size that the weights were not trained at, unless `requested`.
  ///
  /// - Throws: `TrainingError`.
  package func checkSize(of data: TrainingData, requested: Int?) throws {
    if let requested, requested != data.imageSize {
      throw TrainingError(
        "--size is \(requested), but the images of \(data.store.path) have \(data.imageSize); leave "
          + "--size out, or give a store of that size")
    }
    guard requested == nil, let trainedSize, trainedSize != data.imageSize else { return }
    throw TrainingError(
      "\(file.path) was trained at \(trainedSize) pixels, but the images of \(data.store.path) have "
        + "\(data.imageSize); give a store of \(trainedSize), or --size \(data.imageSize) to measure "
        + "it there all the same")
  }
}
