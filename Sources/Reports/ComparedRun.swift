import Experiment

/// A run among others.
package struct ComparedRun: Sendable {
  /// Tells the runs apart, such as the folder's name.
  package var name: String
  package var history: RunHistory
  /// The epoch whose weights were kept as best; nil where no epoch was finished.
  package var bestEpoch: Int?
  /// Settings by their path, such as `train.optimizer.lr`; those that differ between runs are shown.
  package var settings: [String: String]
  /// The store that it was trained on; nil where its files do not say.
  package var store: StoreIdentity?

  package init(
    name: String, history: RunHistory, bestEpoch: Int? = nil, settings: [String: String] = [:],
    store: StoreIdentity? = nil
  ) {
    self.name = name
    self.history = history
    self.bestEpoch = bestEpoch
    self.settings = settings
    self.store = store
  }

  /// The record whose figures stand for the run; nil where no epoch was finished.
  var best: EpochRecord? {
    history.epochs.first { $0.epoch == bestEpoch }
  }
}
