/// Convolutions of a pass, each as a direct product or, where that is less work, as a minimal
/// filter.
extension HydraNet {
  /// Runs convolutions that do not depend on each other.
  func convolve(_ works: [ConvolutionForward]) {
    var transforms: [any TileWork] = []
    var products: [any TileWork] = []
    for work in works {
      if work.convolution.tiling == nil && !isRounded(work.convolution, work.plan) {
        products.append(work)
        continue
      }
      precondition(work.joined == nil, "an operand is made of one map")
      let map = operandScratch.input(
        use: transforms.count, of: work.convolution, overSamples: false, work.plan)
      guard let tiling = work.convolution.tiling else {
        transforms.append(
          InputRounding(
            layer: work.convolution.layer, input: work.input, out: map, plan: work.plan))
        var work = work
        work.rounded = (map, bank(work.plan).weights)
        products.append(work)
        continue
      }
      transforms.append(
        FilterInputTransform(
          layer: work.convolution.layer, tiling: tiling, input: work.input, out: map,
          plan: work.plan))
      products.append(
        FilterForward(
          convolution: work.convolution, tiling: tiling, input: map, output: work.output,
          weights: bank(work.plan).weights, plan: work.plan, finish: work.finish))
    }
    if !transforms.isEmpty { runner.run(transforms) }
    runner.run(products)
  }

  /// Whether a direct product's operands are rounded.
  private func isRounded(_ convolution: Convolution, _ plan: BatchPlan) -> Bool {
    plan.operands == .bfloat16 && convolution.tiling == nil && convolution.bankOffset != nil
  }

  /// A convolution backward, through the BatchNorm behind it.
  struct ConvolutionBackward {
    let convolution: Convolution
    /// What it read.
    let input: FeatureMap
    /// The BatchNorm and what it read; its coefficients are made.
    let norm: NormInput
    /// Of BatchNorm's output.
    let gradient: FeatureMap
    /// Room for the gradient of BatchNorm's input; may be `gradient`. A filter leaves it alone.
    let inner: FeatureMap
    /// Which part of the scratch memory is its own, among those that run at the same time.
    var use = 0
    let plan: BatchPlan
  }

  /// What comes first: the gradient of BatchNorm's input, in the form that the rest takes.
  func normGradient(_ pass: ConvolutionBackward, trained: Bool = true) -> [any TileWork] {
    if pass.convolution.tiling == nil && !isRounded(pass.convolution, pass.plan) {
      return [
        NormalizeBackward(
          gradient: pass.gradient, input: pass.norm, out: pass.inner, plan: pass.plan)
      ]
    }
    var forms = [gradientMap(of: pass, overSamples: false)]
    // Floats serve both products as they lie.
    if trained && pass.plan.operands == .bfloat16 {
      forms.append(gradientMap(of: pass, overSamples: true))
    }
    guard let tiling = pass.convolution.tiling else {
      let gradient = GradientRounding(
        layer: pass.convolution.layer, gradient: pass.gradient, input: pass.norm, out: forms,
        plan: pass.plan)
      guard trained else { return [gradient] }
      let input = InputRounding(
        layer: pass.convolution.layer, input: pass.input, out: inputMap(of: pass),
        plan: pass.plan)
      return [gradient, input]
    }
    let gradient = FilterGradientTransform(
      layer: pass.convolution.layer, tiling: tiling, gradient: pass.gradient, input: pass.norm,
      out: forms, plan: pass.plan)
    guard trained else { return [gradient] }
    let input = FilterInputTransform(
      layer: pass.convolution.layer, tiling: tiling, input: pass.input, out: inputMap(of: pass),
      plan: pass.plan)
    return [gradient, input]
  }

  private func inputMap(of pass: ConvolutionBackward) -> OperandMap {
    operandScratch.input(use: pass.use, of: pass.convolution, overSamples: true, pass.plan)
  }

  private func gradientMap(of pass: ConvolutionBackward, overSamples: Bool) -> OperandMap {
    operandScratch.gradient(
      use: pass.use, of: pass.convolution, overSamples: overSamples, pass.plan)
  }

  /// A direct convolution's part in the gradient of what it read.
  func directSource(_ pass: ConvolutionBackward) -> ConvolutionInputGradient.Source {
    .init(
      convolution: pass.convolution, gradient: pass.inner,
      rounded: isRounded(pass.convolution, pass.plan)
        ? (gradientMap(of: pass, overSamples: false), bank(pass.plan).transposed) : nil)
  }

  /// The gradient of what the convolution read.
  func inputGradient(
    _ pass: ConvolutionBackward, out: FeatureMap, adding: Bool, _ finish: InputGradientFinish
  ) -> any TileWork {
    guard let tiling = pass.convolution.tiling else {
      return ConvolutionInputGradient(
        sources: [directSource(pass)], out: out,
        accumulate: adding, transposed: transposed.pointer, plan: pass.plan, finish: finish)
    }
    return FilterInputGradient(
      convolution: pass.convolution, tiling: tiling,
      gradient: gradientMap(of: pass, overSamples: false), out: out, accumulate: adding,
      transposed: bank(pass.plan).transposed, plan: pass.plan,
      finish: finish)
  }

  /// The gradient of a convolution's weights over several uses, or what `finishWeightGradient` makes
  /// it of.
  func weightGradient(
    _ passes: [ConvolutionBackward], into out: UnsafeMutablePointer<Float>, accumulate: Bool
  ) -> any TileWork {
    let first = passes[0]
    guard let tiling = first.convolution.tiling else {
      return ConvolutionWeightGradient(
        convolution: first.convolution,
        uses: passes.map { pass in
          .init(
            input: pass.input, gradient: pass.inner,
            rounded: isRounded(pass.convolution, pass.plan)
              ? (inputMap(of: pass), gradientMap(of: pass, overSamples: true)) : nil)
        }, out: out,
        accumulate: accumulate, plan: first.plan)
    }
    return FilterWeightProducts(
      convolution: first.convolution, tiling: tiling,
      uses: passes.map { pass in
        .init(input: inputMap(of: pass), gradient: gradientMap(of: pass, overSamples: true))
      },
      out: operandScratch.weightProducts, plan: first.plan)
  }

  /// The rest of a filter's weight gradient, after `weightGradient` has run.
  func finishWeightGradient(
    _ convolution: Convolution, into out: UnsafeMutablePointer<Float>, accumulate: Bool
  ) {
    guard let tiling = convolution.tiling else { return }
    runner.run(
      FilterWeightGradient(
        convolution: convolution, tiling: tiling,
        products: operandScratch.weightProducts, out: out, accumulate: accumulate))
  }
}
