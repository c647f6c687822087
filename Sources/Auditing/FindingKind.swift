/// What an audit looks for. The raw values are the kinds in `--json` and `--kinds`.
package enum FindingKind: String, CaseIterable, Sendable {
  case labelConflict = "label_conflict"
  case leak
  case shared
  case duplicate
  case dark, bright, blurred, gray
  case lowInformation = "low_information"
  case oddSize = "odd_size"
  case oddShape = "odd_shape"
  case labelOutlier = "label_outlier"
  case classDoubt = "class_doubt"
  case numberDoubt = "number_doubt"
  case smallClass = "small_class"

  /// Those that a model finds.
  package static let ofModels: Set<Self> = [.classDoubt, .numberDoubt]

  /// Whether it says that a label may be wrong.
  var doubtsLabel: Bool {
    [.labelConflict, .labelOutlier, .classDoubt, .numberDoubt].contains(self)
  }

  /// Whether the finding with the highest score is the worst.
  var isWorstHighest: Bool {
    switch self {
    case .dark, .blurred, .gray, .lowInformation, .oddShape, .smallClass: false
    default: true
    }
  }

  /// One sentence for people: what it means, and what its score is.
  package var explanation: String {
    switch self {
    case .labelConflict:
      "The same photograph has other labels elsewhere. Score: correlation of the pixels."
    case .leak:
      "The same photograph is in an earlier split, too. Score: correlation of the pixels."
    case .shared:
      "The same photograph is in the store that was audited against. Score: correlation of the pixels."
    case .duplicate:
      "The same photograph is in the split before, with the same labels. Score: correlation of the pixels."
    case .dark:
      "Even the light parts are dark. Score: mean + 2 deviations of the luminance, of 255."
    case .bright:
      "Even the dark parts are light. Score: mean - 2 deviations of the luminance, of 255."
    case .blurred: "There are no sharp edges. Score: root mean square of the Laplacian, of 255."
    case .gray: "The photograph has no color, most others have. Score: colorfulness."
    case .lowInformation: "Nearly one tone. Score: deviation of the luminance, of 255."
    case .oddSize:
      "Much larger or smaller than the others. Score: how many times the median's edge, or a fraction of it."
    case .oddShape: "Long and narrow. Score: short edge / long edge."
    case .labelOutlier:
      "The number is far from the others'. Score: distance from the median in robust deviations."
    case .classDoubt:
      "The model is sure of another class. Score: how much more probable it holds it than the label."
    case .numberDoubt:
      "The model's number is far from the label. Score: distance in robust deviations of its errors."
    case .smallClass:
      "Too few samples of a class in a split to learn or measure it. Score: samples."
    }
  }
}
