import Experiment
import Network
import Testing

/// Where answers come from, against PyTorch's autograd.
@Suite struct ActivationMapperTests {
  struct Maps: Decodable, CustomTestStringConvertible {
    let architecture: String
    let batch: Int
    let size: [Int]
    let images: String
    let layer: String
    let mapSize: [Int]
    let slopes: [[Float]]
    /// By task, [N][height][width].
    let maps: [[Float]]
    var testDescription: String { "\(architecture), \(batch) of \(size[0])×\(size[1])" }
  }

  static let golden = (try? Golden.load("activation", as: [Maps].self)) ?? []

  @Test func goldenFileIsThere() { #expect(Self.golden.count == 4) }

  @Test(arguments: golden) func mapsMatch(golden: Maps) throws {
    let architecture = try #require(
      TrunkArchitecture.allCases.first { golden.architecture == "resnet\($0.rawValue)" })
    let fixture = try Fixture(
      architecture: architecture, count: golden.batch, capacity: golden.batch + 2,
      height: golden.size[0], width: golden.size[1], images: golden.images)
    let mapper = try ActivationMapper(fixture.net)
    #expect([mapper.height, mapper.width] == golden.mapSize)
    #expect(mapper.layer.hasPrefix(golden.layer + "."))
    try fixture.net.forward(fixture.images.pointer, count: golden.batch, training: false)
    for (task, theirs) in golden.maps.enumerated() {
      let own = (0..<golden.batch).flatMap {
        mapper.map(of: fixture.net, task: task, sample: $0, slopes: golden.slopes[task])
      }
      #expect(theirs.contains { $0 > 0 })
      #expect(Golden.deviation(own, from: theirs) < 1e-4, "\(task)")
    }
  }

  @Test func anAttentionNetworkIsRefused() throws {
    let fixture = try Fixture(kind: .mtan, count: 1)
    let error = #expect(throws: ModelError.self) { try ActivationMapper(fixture.net) }
    #expect(error?.description.contains("HydraNet") == true)
  }
}
