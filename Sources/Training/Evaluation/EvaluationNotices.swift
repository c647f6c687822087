import Experiment
import Store

extension TrainingData {
  /// What there is to say before weights are measured on a split: whether its photographs are those
  /// that the run measured, and whether the weights were trained on some of them.
  ///
  /// - Parameter about: what the weight file says; nil where it says nothing.
  package func notices(on split: SplitReader, _ about: WeightDescription?) throws -> [String] {
    guard let trained = about?.store else { return [] }
    var notices: [String] = []
    let place = "split \(split.name) of \(store.path)"
    let known = trained.membersSHA256[split.name] != nil
    switch trained.hasSameMembers(as: store.identity, split: split.name) {
    case false?:
      notices.append(
        "note: \(place) holds different photographs from those of the \(split.name) split of the run; do not "
          + "compare the figures with the run's")
    case nil where known || trained.membersSHA256.isEmpty:
      notices.append(
        "note: a store of format version 1 does not say its photographs, so it is not known whether "
          + "\(place) is what the run measured")
    default: break
    }
    if let sample = about?.trainingSources {
      let count = sample.overlap(with: try split.sources())
      if count > 0 {
        let part =
          count >= sample.count
          ? "all" : "\(sample.isWhole ? "" : "about ")\(count) of the \(sample.count)"
        notices.append(
          "warning: \(part) photographs that the weights were trained on are in \(place); figures on "
            + "them are better than on new ones")
      }
    }
    return notices
  }

  /// The settings with class weights as training had them: the weight file's own, else made from
  /// this store's train split.
  package func resolvingClassWeights(_ settings: TrainSettings) throws -> TrainSettings {
    guard settings.tasks.contains(where: { $0.classWeights == .balanced }) else { return settings }
    return settings.withClassWeights(counts: try classCounts(in: split("train")))
  }
}
