/// The optimizer and its constants, with PyTorch's meanings.
package struct OptimizerSettings: Equatable, Sendable {
  package enum Name: String, CaseIterable, Sendable { case sgd, adamw }

  package var name = Name.sgd
  /// Learning rate; the peak where the schedule is one-cycle.
  package var lr = 0.02
  /// SGD's momentum.
  package var momentum = 0.9
  /// L2 penalty of SGD, decoupled decay of AdamW.
  package var weightDecay = 5e-4
  package var nesterov = false
  /// AdamW's decay rates of the first and second moment.
  package var betas = [0.9, 0.999]
  package var eps = 1e-8

  package init() {}
}
