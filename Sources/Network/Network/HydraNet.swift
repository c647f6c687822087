import Experiment
import Kernels
import Tensors
import Threads

/// The article's HydraNet: a ResNet trunk that runs once, and a small head for every task. Or MTAN:
/// the same with attention modules of every task beside the trunk.
///
/// ```swift
/// let net = try HydraNet(
///   HydraConfiguration(tasks: TaskSettings.article),
///   input: InputLayout(batchCapacity: 64, height: 32, width: 32), pool: pool, seed: 42)
/// try net.forward(images, count: 64, training: true)
/// let losses = try net.losses(labels)
/// net.backward(taskWeights: [1, 1, 1])
/// optimizer.step(learningRate: 0.01)
/// ```
///
/// All memory of a step is allocated here, for the batch capacity of `input`. One thread drives the
/// network; its loops run on the pool. Results are the same, bit by bit, for any number of threads.
package final class HydraNet {
  package let configuration: HydraConfiguration
  /// By task, the sum of the samples' weights behind the mean that `losses` gave last: what the mean
  /// counts for among those of other batches. 0 where no sample has the task's label.
  package internal(set) var lossWeights: [Double] = []
  package let input: InputLayout
  package let pool: ThreadPool

  /// The gradients that the optimizer reads.
  package let gradients: GradientArena

  /// True leaves the trunk as it is: no gradients, and BatchNorm with its running statistics, which
  /// do not move.
  package var isTrunkFrozen = false {
    willSet { if newValue != isTrunkFrozen { pendingUpdates?.applyPending() } }
    didSet { scopeRanges.isTrunkFrozen = isTrunkFrozen }
  }

  /// True leaves MTAN's shared encoders as they are, likewise.
  package var areEncodersFrozen = false {
    willSet { if newValue != areEncodersFrozen { pendingUpdates?.applyPending() } }
    didSet { scopeRanges.areEncodersFrozen = areEncodersFrozen }
  }

  /// Names of the tasks whose heads get no gradients, nor their attention, whose BatchNorm then uses
  /// its running statistics.
  package var frozenHeads: Set<String> = [] {
    willSet { if newValue != frozenHeads { pendingUpdates?.applyPending() } }
    didSet { scopeRanges.frozenHeads = Set(heads.indices.filter { isFrozen(task: $0) }) }
  }

  let table: ParameterTable
  let scopeRanges: ScopeRanges
  let trunk: Trunk
  /// nil for a HydraNet.
  let attention: AttentionNetwork?
  let heads: [Head]
  let runner: RegionRunner
  let parameters: AlignedBuffer
  /// Weights with every 64×64 matrix transposed, for input gradients of convolutions without a
  /// filter; made when first needed.
  let transposed: AlignedBuffer
  var transposedIsCurrent = false
  /// Transformed weights of the convolutions that run as minimal filters, in float.
  private let filters: OperandBank
  /// What products read in the passes of training in bfloat16: weights, and all that the first
  /// convolution reads. nil where training is in float.
  private let rounded: (bank: OperandBank, stem: RoundedStem)?
  /// Transformed maps of the current pass.
  let operandScratch: OperandScratch
  private let tilings: [FilterTiling]
  /// An optimizer that puts off updates of parameters that no gradient reaches.
  weak var pendingUpdates: (any PendingUpdates)?

  /// What a forward pass left for the backward pass.
  struct Pass {
    let plan: BatchPlan
    let isTraining: Bool
    /// As `isTraining`, unless the trunk is frozen.
    let trunkIsTraining: Bool
  }

  /// How far the current batch has come.
  enum Progress {
    case none
    case forward(Pass)
    case losses(Pass)
  }
  var progress = Progress.none
  /// The images of the current batch, which the caller keeps until `backward`.
  var currentImages: UnsafePointer<Float>?

  private var plans: [PlanKey: BatchPlan] = [:]
  /// See `scratchGradients`.
  private var scratchArena: GradientArena?

  /// Builds the network and initializes it as PyTorch does, from `seed`.
  ///
  /// - Parameters:
  ///   - input: the size of images and the largest batch.
  ///   - seed: nil leaves all parameters zero, for weights that are imported anyway.
  /// - Throws: `ModelError` for an input that is too small or too large; `BatchGEMMError` where
  ///   libxsmm has no kernels for the processor.
  package convenience init(
    _ configuration: HydraConfiguration, input: InputLayout, pool: ThreadPool, seed: UInt64?
  ) throws {
    try self.init(configuration, input: input, pool: pool, shared: nil)
    if let seed {
      ParameterInitializer.fill(
        parameters.pointer, entries: table.entries, seed: seed, pool: pool)
    }
  }

  /// Another network with this one's weights, for evaluation on another thread at the same time.
  ///
  /// Parameters are shared, so that cores that share a cache share them there; none of the networks
  /// may be trained or given other weights while another one lives. Running statistics are copied.
  ///
  /// - Precondition: `prepareEvaluation` was called for the weights as they are.
  /// - Throws: `ModelError`, `BatchGEMMError`.
  package func evaluator(pool: ThreadPool) throws -> HydraNet {
    precondition(filters.weightsAreCurrent, "prepareEvaluation comes before the first evaluator")
    let other = try HydraNet(
      configuration, input: input, pool: pool, shared: (parameters, filters))
    other.copyStatistics(from: self)
    return other
  }

  /// Makes what forward passes need of the parameters. They do so themselves; to be called before
  /// several networks share them.
  package func prepareEvaluation() {
    filters.refresh(from: parameters.pointer, transposing: false, runner: runner)
  }

  private init(
    _ configuration: HydraConfiguration, input: InputLayout, pool: ThreadPool,
    shared: (parameters: AlignedBuffer, filters: OperandBank)?
  ) throws {
    let sides = PrepSettings.imageSizes
    guard sides.contains(input.height), sides.contains(input.width) else {
      throw ModelError(
        "images of \(input.height)×\(input.width) pixels do not fit the network: each side is "
          + "from \(sides.lowerBound) to \(sides.upperBound)")
    }
    self.configuration = configuration
    self.input = input
    self.pool = pool
    let table = ParameterTable(precision: configuration.precision)
    let trunk = try Trunk(
      architecture: configuration.architecture, stemPool: configuration.stemPool, input: input,
      table: table)
    let attention =
      try configuration.kind == .hydraNet
      ? nil
      : AttentionNetwork(
        trunk: trunk, architecture: configuration.architecture,
        taskCount: configuration.tasks.count,
        blockCapacity: BatchPlan.blockCount(sampleCount: input.batchCapacity), table: table,
        memory: MapAllocator(batchCapacity: input.batchCapacity))
    let heads = try configuration.tasks.enumerated().map { index, task in
      try Head(
        task: task, prefix: HydraNet.headPrefix(task: index), batchCapacity: input.batchCapacity,
        table: table)
    }
    self.table = table
    self.trunk = trunk
    self.attention = attention
    self.heads = heads
    let blockCapacity = trunk.blocks.map { block in
      block.convolution1.addressCapacity + (block.projection?.convolution.addressCapacity ?? 0)
        + block.convolution2.addressCapacity + (attention?.sharedAddressCapacity ?? 0)
    }
    let convolutions = trunk.convolutions + (attention?.encoders.map(\.convolution) ?? [])
    tilings = convolutions.compactMap { $0.tiling }
    // Networks that share another one's weights only evaluate.
    let isRounded = configuration.precision == .bf16 && shared == nil
    operandScratch = try OperandScratch(
      // In bfloat16 a convolution of the trunk and the one of the shortcut beside it: both direct.
      convolutions: convolutions,
      uses: max(isRounded ? 2 : 1, attention == nil ? 0 : configuration.tasks.count),
      batchCapacity: input.batchCapacity,
      operands: isRounded ? [.float32, .bfloat16] : [.float32])
    let headCapacity = heads.count * HeadShape.blockCount
    runner = try RegionRunner(
      pool: pool,
      addressCapacity: max(
        blockCapacity.max() ?? 0, attention?.addressCapacity ?? 0, headCapacity, tileWidth),
      productCapacity: OperandScratch.productCapacity(
        tilings: tilings, batchCapacity: input.batchCapacity),
      pairCapacity: OperandScratch.pairCapacity(tilings: tilings, input: input))
    parameters = try shared?.parameters ?? AlignedBuffer(count: table.floatCount)
    filters =
      try shared?.filters
      ?? OperandBank(
        convolutions: convolutions, elementCount: table.bankElementCount, operands: .float32)
    rounded =
      isRounded
      ? (
        bank: try OperandBank(
          convolutions: convolutions, elementCount: table.bankElementCount, operands: .bfloat16),
        stem: try RoundedStem(input: input)
      ) : nil
    transposed = try AlignedBuffer(count: table.floatCount)
    let scopes = ScopeRanges(table: table)
    gradients = try GradientArena(
      floatCount: table.floatCount, runner: runner, ranges: scopes.ranges)
    scopeRanges = scopes
    // Compiled now, so that a processor without kernels is refused before any work.
    for training in [false, true] {
      _ = try plan(for: input.batchCapacity, training: training)
    }
  }

  /// An arena like `gradients`: for methods that need the gradients of every task alone.
  ///
  /// - Throws: `MemoryError`.
  package func makeGradientArena() throws -> GradientArena {
    try GradientArena(floatCount: table.floatCount, runner: runner, ranges: scopeRanges.ranges)
  }

  /// Per-task scratch of gradient norms, made when first asked for.
  func scratchGradients() throws -> GradientArena {
    if let scratchArena { return scratchArena }
    let made = try makeGradientArena()
    scratchArena = made
    return made
  }

  /// The start of a head's parameter names, `net.fc1.` for the first task, as in the article.
  package static func headPrefix(task: Int) -> String { "net.fc\(task + 1)." }

  /// The start of the parameter names of a task's attention, `net.attention1.` for the first task.
  package static func attentionPrefix(task: Int) -> String { "net.attention\(task + 1)." }

  /// The start of the parameter names of MTAN's shared encoders.
  package static let encoderPrefix = "net.encoder."

  /// Parameters that are trained, taps without gradient included, as PyTorch counts them.
  package var parameterCount: Int { table.entries.reduce(0) { $0 + $1.count } }

  /// The outputs of a head after `forward`: [count][outputCount], valid until the next one.
  package func logits(task: Int) -> UnsafeBufferPointer<Float> {
    let head = heads[task]
    return UnsafeBufferPointer(start: head.logits, count: currentCount * head.outputCount)
  }

  /// Replaces the outputs of a head after `forward`, such as by a mean over several: losses are then
  /// those of the new ones.
  package func setLogits(task: Int, _ values: [Float]) {
    let head = heads[task]
    precondition(values.count == currentCount * head.outputCount, "an output for every one")
    head.logits.update(from: values, count: values.count)
  }

  /// Samples of the batch that `forward` last saw.
  var currentCount: Int {
    switch progress {
    case .none: 0
    case .forward(let pass), .losses(let pass): pass.plan.sampleCount
    }
  }

  private struct PlanKey: Hashable {
    let sampleCount: Int
    let operands: ProductShape.Operands
  }

  func plan(for count: Int, training: Bool) throws -> BatchPlan {
    let operands: ProductShape.Operands =
      training && rounded != nil ? .bfloat16 : .float32
    let key = PlanKey(sampleCount: count, operands: operands)
    if let plan = plans[key] { return plan }
    let plan = try BatchPlan(
      sampleCount: count, input: input, tilings: tilings, operands: operands)
    plans[key] = plan
    return plan
  }

  /// What the first convolution reads in a pass, or nil for images and parameters as they lie.
  func roundedStem(_ plan: BatchPlan) -> RoundedStem? {
    plan.operands == .bfloat16 ? rounded?.stem : nil
  }

  /// The transformed weights that a pass reads.
  func bank(_ plan: BatchPlan) -> OperandBank {
    guard plan.operands == .bfloat16, let rounded else { return filters }
    return rounded.bank
  }

  /// To be called when parameters were changed as a whole.
  func parametersChanged() {
    transposedIsCurrent = false
    invalidateBanks()
  }

  /// To be called when weights of minimal filters were changed.
  func invalidateBanks() {
    filters.invalidate()
    rounded?.bank.invalidate()
  }

  func isFrozen(task: Int) -> Bool { frozenHeads.contains(configuration.tasks[task].name) }

  /// What a task's head reads.
  func features(task: Int) -> FeatureMap { attention?.features[task] ?? trunk.features }

  /// Whether a parameter gets no gradients.
  func isFrozen(_ part: ParameterPart) -> Bool {
    switch part {
    case .trunk: isTrunkFrozen
    case .encoders: areEncodersFrozen
    case .task(let task): isFrozen(task: task)
    }
  }
}

/// Work that an optimizer has put off, and that must be done before anyone looks at all parameters.
protocol PendingUpdates: AnyObject {
  func applyPending()
}
