/// How the losses of the tasks are weighed against each other.
package struct BalanceSettings: Equatable, Sendable {
  /// One of `balancingMethods`, by its name.
  package struct Method: RawRepresentable, Hashable, CaseIterable, Sendable {
    package let type: any BalancingMethod.Type

    package init(_ type: any BalancingMethod.Type) { self.type = type }

    package init?(rawValue: String) {
      guard let type = balancingMethods.first(where: { $0.name == rawValue }) else { return nil }
      self.type = type
    }

    package var rawValue: String { type.name }

    package static var allCases: [Self] { balancingMethods.map(Self.init) }
  }

  package var method = Method.sum
  /// DWA's softmax temperature.
  package var temperature = 2.0
  /// GradNorm's restoring force.
  package var alpha = 1.5
  /// Learning rate of learned weights: log σ² of `uncertainty`, the weights of
  /// `gradnorm`, the logits of `famo`.
  package var lr = 0.025

  package init() {}
}
