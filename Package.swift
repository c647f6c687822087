// swift-tools-version: 6.2
import PackageDescription

// x86-64-v3 (AVX2, FMA) is the floor of every hot loop; libxsmm and Blosc choose AVX-512 at run time by themselves.
let machine = ["-march=x86-64-v3"]

let swiftSettings: [SwiftSetting] = [
  .swiftLanguageMode(.v6),
  .treatAllWarnings(as: .error),
  .unsafeFlags(["-Xcc", "-march=x86-64-v3"]),
]
let cSettings: [CSetting] = [.unsafeFlags(machine + ["-O2", "-Wall", "-Wextra", "-Werror"])]

func library(_ name: String, _ dependencies: [Target.Dependency] = []) -> Target {
  .target(name: name, dependencies: dependencies, swiftSettings: swiftSettings)
}

func tests(_ name: String, _ dependencies: [Target.Dependency], resources: [Resource]? = nil)
  -> Target
{
  .testTarget(
    name: name, dependencies: dependencies, resources: resources, swiftSettings: swiftSettings)
}

let argumentParser = Target.Dependency.product(
  name: "ArgumentParser", package: "swift-argument-parser")

// A target depends only on targets of the rows below its own.
let package = Package(
  name: "hydranet",
  products: [
    .executable(name: "utk-prep", targets: ["utk-prep"]),
    .executable(name: "hydra-train", targets: ["hydra-train"]),
    .library(name: "DataLoading", targets: ["DataLoading"]),
    .library(name: "ShardStore", targets: ["ShardStore"]),
  ],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
    .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
    .package(url: "https://github.com/apple/swift-collections", from: "1.6.0"),
  ],
  targets: [
    // 6: executables
    .executableTarget(
      name: "utk-prep",
      dependencies: [
        "ShardBuilding", "FaceDrawing", "FaceDataset", "ImageCodecs", "ShardStore", "Spooling",
        "Pipelines", "TerminalOutput", argumentParser,
      ],
      swiftSettings: swiftSettings),
    .executableTarget(
      name: "hydra-train",
      dependencies: [
        "Training", "RunReports", "DataLoading", "HydraModel", "ModelFiles", "ImageCodecs",
        "Pipelines", "TerminalOutput", argumentParser,
      ],
      swiftSettings: swiftSettings),

    // 5: application
    library(
      "ShardBuilding",
      [
        "FaceDataset", "ImageCodecs", "ShardStore", "Spooling", "WorkerThreads", "Pipelines",
        "TerminalOutput",
      ]),
    library(
      "Training",
      [
        "DataLoading", "HydraModel", "ImageCodecs", "ModelFiles", "Pipelines", "RunReports",
        "ShardStore", "TerminalOutput", "WorkerThreads", "Tensors",
      ]),

    // 4: domain
    library("FaceDataset", ["Spooling", "TerminalOutput"]),
    library("ImageCodecs", ["CJPEG", "CPNG"]),
    library("FaceDrawing", ["ImageCodecs", "WorkerThreads"]),
    library("DataLoading", ["ShardStore", "WorkerThreads", "Tensors", "CSystem"]),
    library("HydraModel", ["BatchGEMM", "Tensors", "WorkerThreads"]),
    library("RunReports", ["ImageCodecs", "TerminalOutput"]),

    // 3: substrate
    library("ShardStore", ["CBlosc", "CCrypto", "CLZ4", "CSystem"]),
    library("BatchGEMM", ["CXSMM", "Tensors", "WorkerThreads"]),
    library("ModelFiles", ["Tensors"]),
    library("Pipelines", [.product(name: "Yams", package: "Yams")]),
    library("Spooling", ["CSystem", .product(name: "HeapModule", package: "swift-collections")]),
    library("TerminalOutput"),
    library("WorkerThreads", ["CSystem"]),

    // 2: values
    library("Tensors"),

    // 1: C
    .target(name: "CJPEG", cSettings: cSettings, linkerSettings: [.linkedLibrary("jpeg")]),
    .target(
      name: "CPNG", cSettings: cSettings,
      linkerSettings: [.linkedLibrary("png"), .linkedLibrary("z")]),
    .target(
      name: "CXSMM", cSettings: cSettings,
      linkerSettings: [.linkedLibrary("xsmm"), .linkedLibrary("xsmmnoblas")]),
    .target(name: "CSystem", cSettings: cSettings),
    .systemLibrary(name: "CBlosc", pkgConfig: nil, providers: [.apt(["libblosc-dev"])]),
    .systemLibrary(name: "CLZ4", pkgConfig: nil, providers: [.apt(["liblz4-dev"])]),
    .systemLibrary(name: "CCrypto", pkgConfig: nil, providers: [.apt(["libssl-dev"])]),

    // Tests, one target per target, and the built programs end to end.
    tests("WorkerThreadsTests", ["WorkerThreads"]),
    tests("SpoolingTests", ["Spooling"]),
    tests("FaceDatasetTests", ["FaceDataset", "Spooling"]),
    tests("TerminalOutputTests", ["TerminalOutput"]),
    tests("ImageCodecsTests", ["ImageCodecs", "FaceDrawing"], resources: [.copy("Golden")]),
    tests("ShardStoreTests", ["ShardStore"], resources: [.copy("Golden")]),
    tests("DataLoadingTests", ["DataLoading", "ShardStore", "Tensors"]),
    tests(
      "HydraModelTests", ["HydraModel", "BatchGEMM", "Tensors", "WorkerThreads"],
      resources: [.copy("Golden")]),
    tests("ModelFilesTests", ["ModelFiles"], resources: [.copy("Golden")]),
    tests(
      "TrainingTests",
      [
        "Training", "Pipelines", "ModelFiles", "ShardStore", "FaceDrawing", "ImageCodecs",
        "Tensors",
      ],
      resources: [.copy("Golden")]),
    tests("RunReportsTests", ["RunReports"], resources: [.copy("Golden")]),
    tests("ShardBuildingTests", ["ShardBuilding", "ShardStore", "FaceDrawing"]),
    tests("ProgramTests", ["ShardStore", "utk-prep", "hydra-train"]),
  ]
)
