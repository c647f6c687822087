/// From where on a sample is a finding. Chosen by looking at UTKFace; docs/audit.md says how.
enum AuditThresholds {
  /// Of 255; mean + 2 deviations.
  static let dark = 90.0
  /// Of 255; mean − 2 deviations.
  static let bright = 160.0
  /// Of 255.
  static let sharpness = 2.4
  static let colorfulness = 3.0
  /// Of 255.
  static let contrast = 15.0
  /// Times the median edge, or a fraction of it.
  static let size = 4.0
  /// Short edge by long edge, as in cleanvision.
  static let shape = 0.35
  /// Robust deviations.
  static let outlier = 5.0
  /// Samples of a class in a split.
  static let classCount = 10
}
