import Experiment
import Testing
import Training

@Suite struct BalancingTests {
  let golden: Golden

  init() throws { golden = try Golden.load() }

  private func balancer(
    _ method: BalanceSettings.Method, ageWeight: Double = 1, seed: UInt64 = 1
  ) -> TaskBalancer {
    var settings = BalanceSettings()
    settings.method = method
    var tasks = TaskSettings.article
    tasks[0].weight = ageWeight
    return TaskBalancer(settings, tasks: tasks, seed: seed)
  }

  static let losses: [Float] = [14, 0.69, 1.6]

  @Test func sumUsesOwnWeights() {
    let balancer = balancer(.sum, ageWeight: 0.1)
    let weights = balancer.weights(for: Self.losses, step: 0)
    #expect(weights == [0.1, 1, 1])
    #expect(close(balancer.total(of: Self.losses, weights: weights), 1.4 + 0.69 + 1.6, 1e-6))
  }

  /// Kendall's half is for squared errors; the loss of a distribution is a likelihood of classes.
  @Test func aDistributionIsWeightedAsClassesAre() {
    var settings = BalanceSettings()
    settings.method = .uncertainty
    for (loss, factor) in [(TaskSettings.Loss.l1, Float(0.5)), (.ce, 1), (.dldl, 1)] {
      let task = TaskSettings(name: "age", kind: .regression, loss: loss)
      let balancer = TaskBalancer(settings, tasks: [task], seed: 1)
      #expect(balancer.weights(for: [2], step: 0) == [factor])
    }
  }

  @Test func uncertaintyIsPyTorchsAdamOnLogVariance() {
    var balancer = balancer(.uncertainty)
    for (step, row) in golden.uncertainty.enumerated() {
      let weights = balancer.weights(for: Self.losses, step: step)
      #expect(close(balancer.total(of: Self.losses, weights: weights), row[0], 1e-5))
      for task in 0..<3 { #expect(close(Double(weights[task]), row[1 + task], 1e-6)) }
      balancer.learn(losses: Self.losses)
    }
  }

  @Test func dwaWaitsTwoEpochs() {
    var balancer = balancer(.dwa)
    for losses in [[1, 1, 2], [0.5, 0.9, 1.2]] as [[Float]] {
      #expect(balancer.weights(for: losses, step: 0) == [1, 1, 1])
      balancer.endEpoch(meanLosses: losses)
    }
    let weights = balancer.weights(for: [1, 1, 1], step: 0)
    for task in 0..<3 { #expect(close(Double(weights[task]), golden.dwa[task], 1e-6)) }
    #expect(close(weights.reduce(0) { $0 + Double($1) }, 3, 1e-6))
  }

  @Test func glsIsTheGradientOfTheGeometricMean() {
    let balancer = balancer(.gls)
    let weights = balancer.weights(for: Self.losses, step: 0)
    #expect(close(balancer.total(of: Self.losses, weights: weights), golden.gls, 1e-6))
    for task in 0..<3 {
      var up = Self.losses
      var down = Self.losses
      up[task] *= 1.01
      down[task] *= 0.99
      let difference =
        balancer.total(of: up, weights: weights) - balancer.total(of: down, weights: weights)
      #expect(close(Double(weights[task]), difference / Double(up[task] - down[task]), 1e-3))
    }
  }

  @Test func glsLeavesOutATaskWithoutWeight() {
    let weights = balancer(.gls, ageWeight: 0).weights(for: [5, 4, 9], step: 0)
    #expect(weights[0] == 0)
    #expect(close(Double(weights[1]), 6.0 / 8) && close(Double(weights[2]), 6.0 / 18, 1e-6))
  }

  @Test func randomWeightsAreAFunctionOfSeedAndStep() {
    let balancer = balancer(.rlw)
    var means = [0.0, 0.0, 0.0]
    for step in 0..<2000 {
      let weights = balancer.weights(for: Self.losses, step: step)
      #expect(weights == self.balancer(.rlw).weights(for: [1, 1, 1], step: step))
      #expect(close(weights.reduce(0) { $0 + Double($1) }, 3, 1e-6))
      for task in 0..<3 { means[task] += Double(weights[task]) / 2000 }
    }
    #expect(means.allSatisfy { abs($0 - 1) < 0.05 })
    #expect(
      balancer.weights(for: Self.losses, step: 1)
        != self.balancer(.rlw, seed: 2).weights(for: Self.losses, step: 1))
  }

  @Test func gradNormIsPyTorchs() {
    var balancer = balancer(.gradnorm)
    #expect(balancer.needsGradientNorms)
    for (step, row) in golden.gradnorm.enumerated() {
      let losses = row.losses.map { Float($0) }
      let weights = balancer.weights(for: losses, step: step)
      for task in 0..<3 {
        #expect(close(Double(weights[task]), row.weights[task], 1e-5), "step \(step)")
      }
      balancer.learn(losses: losses, gradientNorms: row.norms.map { Float($0) })
    }
  }

  /// A recipe's choice, its help and its check are of `balancingMethods`.
  @Test(arguments: BalanceSettings.Method.allCases)
  func everyMethodCanBeMade(_ method: BalanceSettings.Method) {
    let weights = balancer(method).weights(for: Self.losses, step: 0)
    #expect(weights.count == 3 && weights.allSatisfy { $0.isFinite && $0 > 0 })
  }

  /// A batch without a task's labels moves neither its own state nor a weight to what is not a number.
  @Test(arguments: BalanceSettings.Method.allCases)
  func aTaskWithoutLabelsTakesNoPart(_ method: BalanceSettings.Method) {
    var balancer = balancer(method)
    balancer.learn(losses: Self.losses, gradientNorms: [1, 2, 3])
    let before = balancer.state
    for losses in [[14, .nan, 1.5], [.nan, .nan, .nan]] as [[Float]] {
      let weights = balancer.weights(for: losses, step: 1)
      #expect(weights.allSatisfy { $0.isFinite })
      #expect(balancer.total(of: losses, weights: weights).isFinite)
      balancer.learn(losses: losses, gradientNorms: [1, 0, 3])
      balancer.endEpoch(meanLosses: losses)
    }
    let state = balancer.state
    #expect(
      (state.values + state.initialLosses + state.history.joined()).allSatisfy { $0.isFinite })
    if method == .uncertainty { #expect(state.values[1] == before.values[1]) }
    #expect(balancer.weights(for: Self.losses, step: 2).allSatisfy { $0.isFinite && $0 > 0 })
  }

  @Test func famoIsPyTorchs() {
    var balancer = balancer(.famo)
    for (step, row) in golden.famo.enumerated() {
      // Learning comes before the weights of the next step, as in a run.
      let losses = row.losses.map { Float($0) }
      balancer.learn(losses: losses)
      let weights = balancer.weights(for: losses, step: step)
      for task in 0..<3 {
        #expect(close(Double(weights[task]), row.weights[task], 1e-5), "step \(step)")
      }
    }
  }

  @Test func impartialProjectionsAreThePapers() {
    for impartial in golden.imtlG {
      let gradients = impartial.gradients
      let products = gradients.map { a in
        gradients.map { b in zip(a, b).reduce(0) { $0 + $1.0 * $1.1 } }
      }
      let alpha = balancer(.imtlG).coefficients(products: products, step: 0)
      #expect(zip(alpha, impartial.alpha).allSatisfy { close($0, $1, 1e-9) })
      // The sum's projections on all gradients are the same.
      let projections = gradients.indices.map { task in
        alpha.indices.reduce(0) { $0 + alpha[$1] * products[$1][task] }
          / products[task][task].squareRoot()
      }
      #expect(projections.allSatisfy { close($0, projections[0], 1e-9) })
    }
    // A task without a gradient, and gradients of one direction.
    #expect(balancer(.imtlG).coefficients(products: [[4, 0], [0, 0]], step: 0) == [1, 0])
    #expect(balancer(.imtlG).coefficients(products: [[4, 4], [4, 4]], step: 0) == [0.5, 0.5])
  }

  @Test func surgeryIsThePapers() {
    for surgery in golden.pcgrad {
      let gradients = surgery.gradients
      let products = gradients.map { a in
        gradients.map { b in zip(a, b).reduce(0) { $0 + $1.0 * $1.1 } }
      }
      let a = PCGrad.coefficients(products: products, orders: surgery.orders)
      for element in surgery.sum.indices {
        let sum = gradients.indices.reduce(0) { $0 + a[$1] * gradients[$1][element] }
        #expect(close(sum, surgery.sum[element]))
      }
    }
  }

  @Test func surgeryOrdersMeetEveryOtherTask() {
    let orders = PCGrad.orders(taskCount: 4, seed: 1, step: 9)
    for (task, order) in orders.enumerated() {
      #expect(order.sorted() == [0, 1, 2, 3].filter { $0 != task })
    }
    #expect(orders == PCGrad.orders(taskCount: 4, seed: 1, step: 9))
    let others = (0..<8).map { PCGrad.orders(taskCount: 4, seed: 1, step: $0) }
    #expect(Set(others.map(\.description)).count > 1)
  }

  @Test(arguments: BalanceSettings.Method.allCases)
  func stateGoesOnWhereItStopped(_ method: BalanceSettings.Method) throws {
    var whole = balancer(method)
    var first = balancer(method)
    let losses: [[Float]] = [[9, 0.7, 1.6], [8, 0.6, 1.5], [7, 0.6, 1.2], [7, 0.5, 1.1]]
    for step in 0..<2 {
      whole.learn(losses: losses[step], gradientNorms: [1, 2, 3])
      first.learn(losses: losses[step], gradientNorms: [1, 2, 3])
      whole.endEpoch(meanLosses: losses[step])
      first.endEpoch(meanLosses: losses[step])
    }
    var second = balancer(method)
    try second.restore(first.state)
    for step in 2..<4 {
      #expect(
        whole.weights(for: losses[step], step: step)
          == second.weights(for: losses[step], step: step))
      whole.learn(losses: losses[step], gradientNorms: [3, 2, 1])
      second.learn(losses: losses[step], gradientNorms: [3, 2, 1])
    }
    #expect(whole.state == second.state)
  }

  @Test func foreignStateIsRefused() {
    var balancer = balancer(.gradnorm)
    #expect(throws: TrainingError.self) { try balancer.restore(BalancingState()) }
  }
}
