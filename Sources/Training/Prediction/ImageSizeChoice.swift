/// The size that a network's images have where no store decides it.
package struct ImageSizeChoice {
  /// Width and height in pixels.
  package let size: Int
  /// What the user should know about it, if anything.
  package let notice: String?

  /// - Parameters:
  ///   - trained: the size that the weight file says.
  ///   - requested: the size that a flag asks for.
  ///   - fallback: the pipeline's, for weights that say nothing.
  package init(weights: String, trained: Int?, requested: Int?, fallback: Int) {
    size = requested ?? trained ?? fallback
    notice =
      if let trained, trained != size {
        "note: \(weights) was trained at \(trained) pixels and is used at \(size); expect worse "
          + "results"
      } else if trained == nil, requested == nil {
        "note: \(weights) does not say its image size; \(size) pixels are assumed, give --size for "
          + "another"
      } else {
        nil
      }
  }
}
