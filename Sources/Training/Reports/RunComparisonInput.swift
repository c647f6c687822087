import Experiment
import Foundation
import PipelineFiles
import Reports

/// Reads runs for a comparison: their metrics and their settings.
///
/// - Throws: `RunReportError` or `PipelineError` naming the file that is missing or damaged.
package func compareRuns(_ folders: [String]) throws -> RunComparison {
  let runs = try folders.map { path in
    let folder = RunFolder(path)
    let pipeline = try Pipeline(contentsOf: folder.config)
    let history = try RunHistory(path: folder.metrics)
    let settings = pipeline.flattened.filter { key, _ in
      key.hasPrefix("train.") && key != "train.output"
    }
    return ComparedRun(
      name: URL(fileURLWithPath: path).lastPathComponent, history: history,
      bestEpoch: history.best(by: pipeline.train.bestMetric)?.epoch, settings: settings)
  }
  return try RunComparison(runs)
}
