import Foundation
import ModelFiles
import Pipelines

/// What a weight file says of itself in its metadata, so that it can be used without the run's
/// other files.
public struct WeightDescription: Sendable, Equatable {
  public var settings: TrainSettings
  /// Width and height of the images it was trained on, in pixels.
  public var imageSize: Int
  /// By task, what its classes are called; empty lists where nobody said.
  public var classNames: [String: [String]]

  public init(settings: TrainSettings, imageSize: Int, classNames: [String: [String]]) {
    self.settings = settings
    self.imageSize = imageSize
    self.classNames = classNames
  }

  private static let configKey = "hydranet.config"
  private static let sizeKey = "hydranet.image_size"
  private static let classesKey = "hydranet.classes"

  /// Reads the metadata of a weight file; nil where it has none of ours, as one from PyTorch.
  ///
  /// - Throws: `ModelFileError` for a bad file, `PipelineError` for bad settings in it.
  public init?(weights path: String) throws {
    let metadata = try TensorFile.read(path).metadata
    guard let config = metadata[Self.configKey] else { return nil }
    settings = try Pipeline(yaml: config, file: path).train
    guard let size = metadata[Self.sizeKey].flatMap({ Int($0) }), (8...1024).contains(size) else {
      throw TrainingError(
        "\(path): its metadata \(Self.sizeKey) should be a size from 8 to 1024, got "
          + (metadata[Self.sizeKey].map { String($0.prefix(20)) } ?? "none"))
    }
    imageSize = size
    let names = metadata[Self.classesKey].flatMap {
      try? JSONDecoder().decode([String: [String]].self, from: Data($0.utf8))
    }
    classNames = names ?? [:]
  }

  /// The settings without those that do not decide the weights: where a run wrote and with how many
  /// threads. Equal runs then write equal files, wherever they ran.
  private var recipe: TrainSettings {
    let defaults = TrainSettings()
    var recipe = settings
    recipe.output = defaults.output
    recipe.threads = defaults.threads
    recipe.loaderThreads = defaults.loaderThreads
    recipe.cacheMegabytes = defaults.cacheMegabytes
    recipe.checkpointEvery = defaults.checkpointEvery
    recipe.keepBest = defaults.keepBest
    recipe.tensorboard = defaults.tensorboard
    return recipe
  }

  var metadata: [String: String] {
    get throws {
      var pipeline = Pipeline()
      pipeline.train = recipe
      let encoder = JSONEncoder()
      encoder.outputFormatting = .sortedKeys
      return [
        Self.configKey: pipeline.yaml, Self.sizeKey: "\(imageSize)",
        Self.classesKey: String(decoding: try encoder.encode(classNames), as: UTF8.self),
      ]
    }
  }

  /// The name of a task's class, or its number.
  public func className(_ index: Int, task: String) -> String {
    guard let names = classNames[task], names.indices.contains(index) else { return "\(index)" }
    return names[index]
  }
}
