/// Mean and standard deviation of pixels by channel, the pixels scaled to 0 to 1.
package struct ChannelStatistics: Hashable, Sendable {
  package var mean: [Double]
  package var deviation: [Double]

  package init(mean: [Double], deviation: [Double]) {
    self.mean = mean
    self.deviation = deviation
  }

  /// ImageNet's, which torchvision's weights expect.
  package static let imagenet = ChannelStatistics(
    mean: [0.485, 0.456, 0.406], deviation: [0.229, 0.224, 0.225])
}
