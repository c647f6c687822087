import Experiment
import PipelineFiles
import SettingFlags

extension PrepSettings {
  /// The pipeline's section with the flags on top.
  init(
    _ pipeline: String?, source: [String] = [], output: String?, _ flags: SettingFlags<BuildFlags>
  ) throws {
    var file = Pipeline()
    if let pipeline { file = try Pipeline(contentsOf: pipeline) }
    if !source.isEmpty { file.prep.source = source }
    if let output { file.prep.output = output }
    try flags.apply(to: &file.prep)
    try file.prep.validate()
    self = file.prep
  }
}
