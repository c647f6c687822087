import Experiment

extension Stratification {
  /// The stratum of a face: equal exactly for faces that are equal in the chosen labels.
  func stratum(of labels: FaceLabels) -> UInt64 {
    (contains(.gender) ? UInt64(labels.gender) : 0)
      | (contains(.race) ? UInt64(labels.race) << 8 : 0)
      | (contains(.age) ? UInt64(labels.decade) << 16 : 0)
  }
}
