/// A run among others.
package struct ComparedRun: Sendable {
  /// Tells the runs apart, such as the folder's name.
  package var name: String
  package var history: RunHistory
  /// The epoch whose weights were kept as best; nil where no epoch was finished.
  package var bestEpoch: Int?
  /// Settings by their path, such as `train.optimizer.lr`; those that differ between runs are shown.
  package var settings: [String: String]
  /// The identity of the photographs that the run was measured on; nil where it is not known.
  package var validationMembers: String?

  package init(
    name: String, history: RunHistory, bestEpoch: Int? = nil, settings: [String: String] = [:],
    validationMembers: String? = nil
  ) {
    self.name = name
    self.history = history
    self.bestEpoch = bestEpoch
    self.settings = settings
    self.validationMembers = validationMembers
  }

  /// The record whose figures stand for the run; nil where no epoch was finished.
  var best: EpochRecord? {
    history.epochs.first { $0.epoch == bestEpoch }
  }
}
