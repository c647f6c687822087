// swift-tools-version: 6.2
import PackageDescription

let package = Package(
  name: "example",
  dependencies: [
    .package(name: "hydranet", path: "../..")
  ],
  targets: [
    .executableTarget(
      name: "example", dependencies: [.product(name: "HydraData", package: "hydranet")])
  ]
)
