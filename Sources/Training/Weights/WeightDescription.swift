import Experiment
import Foundation
import PipelineFiles
import Reports
import Store
import Terminal
import WeightFiles

/// What a weight file says of itself in its metadata, so that it can be used without the run's
/// other files.
package struct WeightDescription: Sendable, Equatable {
  package var settings: TrainSettings
  /// Width and height of the images it was trained on, in pixels.
  package var imageSize: Int
  package var classNames: ClassNames
  /// The store that it was trained on; nil in files of earlier versions.
  package var store: StoreIdentity?
  /// The recipe as it was written, before values were taken from the store.
  package var recipe: RecipeIdentity?
  /// Some of the photographs that it was trained on.
  package var trainingSources: SourceSample?

  package init(
    settings: TrainSettings, imageSize: Int, classNames: ClassNames, store: StoreIdentity? = nil,
    recipe: RecipeIdentity? = nil, trainingSources: SourceSample? = nil
  ) {
    self.settings = settings
    self.imageSize = imageSize
    self.classNames = classNames
    self.store = store
    self.recipe = recipe
    self.trainingSources = trainingSources
  }

  private static let configKey = "hydranet.config"
  private static let sizeKey = "hydranet.image_size"
  private static let classesKey = "hydranet.classes"
  private static let storeKey = "hydranet.store"
  private static let recipeKey = "hydranet.recipe_sha256"
  private static let sourcesKey = "hydranet.training_sources"

  /// Reads the metadata of a weight file; nil where it has none of ours, as one from PyTorch.
  ///
  /// - Throws: `PipelineError` for bad settings in it, `TrainingError` for a bad size.
  package init?(_ file: TensorFile) throws {
    let (path, metadata) = (file.path, file.metadata)
    guard let config = metadata[Self.configKey] else { return nil }
    settings = try Pipeline(yaml: config, file: "\(path), \(Self.configKey)").train
    guard let size = metadata[Self.sizeKey].flatMap({ Int($0) }),
      PrepSettings.imageSizes.contains(size)
    else {
      throw TrainingError(
        "\(path): its metadata \(Self.sizeKey) should be a size from 32 to 1024, got "
          + (metadata[Self.sizeKey].map { String($0.prefix(20)) } ?? "none"))
    }
    imageSize = size
    classNames = Self.classNames(in: metadata) ?? ClassNames()
    store = Self.store(in: metadata)
    recipe = metadata[Self.recipeKey].map(RecipeIdentity.init(sha256:))
    trainingSources = metadata[Self.sourcesKey].flatMap(SourceSample.init(text:))
  }

  package init?(weights path: String) throws {
    try self.init(TensorFile.read(path))
  }

  var metadata: [String: String] {
    get throws {
      var metadata = [
        Self.configKey: settings.recipe.document, Self.sizeKey: "\(imageSize)",
        Self.classesKey: try classNames.json,
      ]
      metadata[Self.storeKey] = try store.map {
        String(decoding: try $0.json.encoded(), as: UTF8.self)
      }
      metadata[Self.recipeKey] = recipe?.sha256
      metadata[Self.sourcesKey] = trainingSources?.text
      return metadata
    }
  }

  /// What programs other than this one may want of a model, as JSON: its outputs and how to
  /// prepare its input. It repeats what the settings say, in a form that needs no YAML.
  var graphMetadata: [String: String] {
    get throws {
      let tasks = settings.tasks.map { task in
        var more = task.kind == .categorical ? ",\"classes\":\(task.classes ?? 2)" : ""
        if let bins = task.distributionBins {
          // The outputs are logits of first, first + width, …; the answer says how to read them.
          more =
            ",\"values\":{\"first\":\(bins.first),\"width\":\(bins.width),\"count\":\(bins.count)},"
            + "\"answer\":\"\(task.answer.rawValue)\""
        }
        return "{\"name\":\(jsonString(task.name)),\"kind\":\"\(task.kind.rawValue)\"\(more)}"
      }
      var metadata = try self.metadata
      metadata["hydranet.tasks"] = "[\(tasks.joined(separator: ","))]"
      if let statistics = settings.normalize.statistics {
        metadata["hydranet.normalization"] =
          "{\"mean\":\(statistics.mean),\"std\":\(statistics.deviation)}"
      }
      return metadata
    }
  }

  /// The store that a weight file or a checkpoint names, or nil where it names none.
  static func store(in metadata: [String: String]) -> StoreIdentity? {
    guard let text = metadata[storeKey],
      let json = try? Array(text.utf8).withUnsafeBytes({ try JSONValue.decoded($0) })
    else { return nil }
    return StoreIdentity(json: json)
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
