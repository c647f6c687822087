import Experiment
import Foundation
import PipelineFiles
import Reports
import WeightFiles

/// Reads runs for a comparison: their metrics and their settings. A run that cannot be read is left
/// out.
///
/// - Returns: the runs side by side, and a sentence for each that was left out.
/// - Throws: `RunReportError` for more runs than fit, `TrainingError` where none can be read.
package func compareRuns(_ folders: [String]) throws -> (RunComparison, leftOut: [String]) {
  var runs: [ComparedRun] = []
  var leftOut: [String] = []
  for path in folders {
    do {
      runs.append(try comparedRun(RunFolder(path)))
    } catch {
      leftOut.append("left out \(path): \(error)")
    }
  }
  guard !runs.isEmpty || leftOut.isEmpty else {
    throw TrainingError("none of the runs can be compared: " + leftOut.joined(separator: "; "))
  }
  return (try RunComparison(runs), leftOut)
}

private func comparedRun(_ folder: RunFolder) throws -> ComparedRun {
  let pipeline = try Pipeline(contentsOf: folder.config)
  let history = try RunHistory(path: folder.metrics)
  let metric = BestMetric(
    pipeline.train.bestMetric, hasValidation: history.epochs.contains { !$0.validation.isEmpty })
  return ComparedRun(
    name: URL(fileURLWithPath: folder.path).lastPathComponent, history: history,
    bestEpoch: metric.best(of: history.epochs)?.epoch,
    settings: pipeline.flattened.filter { key, _ in
      key.hasPrefix("train.") && key != "train.output"
    }, store: store(of: folder))
}

/// The store that a run was trained on, as its weight files say; nil where they do not: a run may be
/// compared by its figures alone.
private func store(of folder: RunFolder) -> StoreIdentity? {
  for path in [folder.last, folder.best, folder.checkpoint] {
    if let file = try? TensorFile.read(path),
      let store = WeightDescription.store(in: file.metadata)
    {
      return store
    }
  }
  return nil
}
