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
  /// - Throws: `PipelineError` for bad settings in it, `TrainingError` for a bad size.
  package init?(_ file: TensorFile) throws {
    let (path, metadata) = (file.path, file.metadata)
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

  package init?(weights path: String) throws {
    try self.init(TensorFile.read(path))
  }

  var metadata: [String: String] {
    get throws {
      [
        Self.configKey: settings.recipe.document, Self.sizeKey: "\(imageSize)",
        Self.classesKey: try classNames.json,
      ]
    }
  }

  /// What programs other than this one may want of a model, as JSON: its outputs and how to
  /// prepare its input. It repeats what the settings say, in a form that needs no YAML.
  var graphMetadata: [String: String] {
    get throws {
      let tasks = settings.tasks.map { task in
        let classes = task.kind == .categorical ? ",\"classes\":\(task.classes ?? 2)" : ""
        return "{\"name\":\(jsonString(task.name)),\"kind\":\"\(task.kind.rawValue)\"\(classes)}"
      }
      var metadata = try self.metadata
      metadata["hydranet.tasks"] = "[\(tasks.joined(separator: ","))]"
      if let (mean, std) = settings.normalize.values {
        metadata["hydranet.normalization"] = "{\"mean\":\(mean),\"std\":\(std)}"
      }
      return metadata
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
