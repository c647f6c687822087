/// The plain sum of the losses, each with its task's own weight.
package struct LossSum: BalancingMethod {
  package static let name = "sum"

  package init(_ tasks: BalancedTasks) {}
}

extension BalanceSettings.Method {
  package static let sum = Self(LossSum.self)
}
