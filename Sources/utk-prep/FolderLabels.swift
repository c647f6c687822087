import ArgumentParser
import Experiment
import PipelineFiles
import SettingFlags

/// How the labels of a folder are read, where a command takes a folder in place of a store.
struct FolderLabels: ParsableArguments {
  @Option(
    help: "A pipeline file; its columns: section describes the labels of a folder.",
    completion: .file(extensions: ["yaml", "yml"]))
  var pipeline: String?

  @OptionGroup(title: "Labels of a folder") var flags: SettingFlags<LabelFlags>

  func settings() throws -> PrepSettings {
    var prep = try pipeline.map { try Pipeline(contentsOf: $0).prep } ?? PrepSettings()
    try flags.apply(to: &prep)
    return prep
  }
}
