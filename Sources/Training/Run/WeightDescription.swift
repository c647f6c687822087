import Experiment
import Foundation
import PipelineFiles
import WeightFiles

/// What a weight file says of itself in its metadata, so that it can be used without the run's
/// other files.
package struct WeightDescription: Sendable, Equatable {
  package var settings: TrainSettings
  /// Width and height of the images it was trained on, in pixels.
  package var imageSize: Int
  package var classNames: ClassNames

  package init(settings: TrainSettings, imageSize: Int, classNames: ClassNames) {
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
  package init?(weights path: String) throws {
    let metadata = try TensorFile.read(path).metadata
    guard let config = metadata[Self.configKey] else { return nil }
    settings = try Pipeline(yaml: config, file: "\(path), \(Self.configKey)").train
    guard let size = metadata[Self.sizeKey].flatMap({ Int($0) }), (32...1024).contains(size) else {
      throw TrainingError(
        "\(path): its metadata \(Self.sizeKey) should be a size from 32 to 1024, got "
          + (metadata[Self.sizeKey].map { String($0.prefix(20)) } ?? "none"))
    }
    imageSize = size
    classNames = Self.classNames(in: metadata) ?? ClassNames()
  }

  var metadata: [String: String] {
    get throws {
      [
        Self.configKey: settings.recipe.document, Self.sizeKey: "\(imageSize)",
        Self.classesKey: try classNames.json,
      ]
    }
  }

  /// The class names in a weight file's metadata, or nil where it has none.
  package static func classNames(in metadata: [String: String]) -> ClassNames? {
    metadata[classesKey].flatMap { ClassNames(json: $0) }
  }

  /// The name of a task's class, or its number.
  package func className(_ index: Int, task: String) -> String {
    classNames.name(of: index, task: task)
  }
}
