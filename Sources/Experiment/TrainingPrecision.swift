/// The numbers that the products of a training step multiply. Sums, statistics, losses, weights and
/// everything in evaluation are float.
package enum TrainingPrecision: String, Hashable, Sendable, CaseIterable {
  /// float, 24 bits of precision.
  case f32
  /// bfloat16, the upper half of a float: 8 bits of precision.
  case bf16
}
