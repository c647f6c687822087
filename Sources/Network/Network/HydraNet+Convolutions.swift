/// Convolutions of a pass, each as a direct product or, where that is less work, as a minimal
/// filter.
extension HydraNet {
  /// Runs convolutions that do not depend on each other.
  func convolve(_ works: [ConvolutionForward]) {
    var transforms: [any TileWork] = []
    var products: [any TileWork] = []
    for work in works {
      guard let filter = work.convolution.filter else {
        products.append(work)
        continue
      }
      precondition(work.joined == nil, "a filter reads one map")
      let map = filterScratch.input(use: transforms.count, of: work.convolution, work.plan)
      transforms.append(
        FilterInputTransform(
          layer: work.convolution.layer, tiling: filter.tiling, input: work.input, out: map,
          plan: work.plan))
      products.append(
        FilterForward(
          convolution: work.convolution, tiling: filter.tiling, input: map, output: work.output,
          weights: filters.weights.pointer, plan: work.plan, finish: work.finish))
    }
    if !transforms.isEmpty { runner.run(transforms) }
    runner.run(products)
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
    guard let filter = pass.convolution.filter else {
      return [
        NormalizeBackward(
          gradient: pass.gradient, input: pass.norm, out: pass.inner, plan: pass.plan)
      ]
    }
    let gradient = FilterGradientTransform(
      layer: pass.convolution.layer, tiling: filter.tiling, gradient: pass.gradient,
      input: pass.norm,
      out: filterScratch.gradient(use: pass.use, of: pass.convolution, pass.plan),
      plan: pass.plan)
    guard trained else { return [gradient] }
    let input = FilterInputTransform(
      layer: pass.convolution.layer, tiling: filter.tiling, input: pass.input,
      out: filterScratch.input(use: pass.use, of: pass.convolution, pass.plan), plan: pass.plan)
    return [gradient, input]
  }

  /// The gradient of what the convolution read.
  func inputGradient(
    _ pass: ConvolutionBackward, out: FeatureMap, adding: Bool, _ finish: InputGradientFinish
  ) -> any TileWork {
    guard let filter = pass.convolution.filter else {
      return ConvolutionInputGradient(
        sources: [.init(convolution: pass.convolution, gradient: pass.inner)], out: out,
        accumulate: adding, transposed: transposed.pointer, plan: pass.plan, finish: finish)
    }
    return FilterInputGradient(
      convolution: pass.convolution, tiling: filter.tiling,
      gradient: filterScratch.gradient(use: pass.use, of: pass.convolution, pass.plan), out: out,
      accumulate: adding, transposed: filters.transposed.pointer, plan: pass.plan,
      finish: finish)
  }

  /// The gradient of a convolution's weights over several uses, or what `finishWeightGradient` makes
  /// it of.
  func weightGradient(
    _ passes: [ConvolutionBackward], into out: UnsafeMutablePointer<Float>, accumulate: Bool
  ) -> any TileWork {
    let first = passes[0]
    guard let filter = first.convolution.filter else {
      return ConvolutionWeightGradient(
        convolution: first.convolution,
        uses: passes.map { .init(input: $0.input, gradient: $0.inner) }, out: out,
        accumulate: accumulate, plan: first.plan)
    }
    return FilterWeightProducts(
      convolution: first.convolution, tiling: filter.tiling,
      uses: passes.map { pass in
        .init(
          input: filterScratch.input(use: pass.use, of: pass.convolution, pass.plan),
          gradient: filterScratch.gradient(use: pass.use, of: pass.convolution, pass.plan))
      },
      out: filterScratch.weightProducts, plan: first.plan)
  }

  /// The rest of a filter's weight gradient, after `weightGradient` has run.
  func finishWeightGradient(
    _ convolution: Convolution, into out: UnsafeMutablePointer<Float>, accumulate: Bool
  ) {
    guard let filter = convolution.filter else { return }
    runner.run(
      FilterWeightGradient(
        convolution: convolution, tiling: filter.tiling,
        products: filterScratch.weightProducts, out: out, accumulate: accumulate))
  }
}
