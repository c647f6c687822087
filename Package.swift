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
    .library(name: "HydraData", targets: ["HydraData"]),
    // What python/build_library.sh makes libhydranet.so of.
    .library(name: "hydranet", type: .static, targets: ["CInterface"]),
  ],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
    .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
    .package(url: "https://github.com/apple/swift-collections", from: "1.6.0"),
  ],
  targets: [
    // 7: programs
    .executableTarget(
      name: "utk-prep",
      dependencies: [
        "Programs", "StoreBuilding", "FaceDrawing", "Faces", "Photographs", "Images", "Store",
        "Files", "PipelineFiles", "SettingFlags", "Experiment", "Terminal", "Auditing", "Training",
        argumentParser,
      ],
      swiftSettings: swiftSettings),
    .executableTarget(
      name: "hydra-train",
      dependencies: [
        "Programs", "Training", "Reports", "Loader", "Network", "WeightFiles", "Photographs",
        "PipelineFiles", "SettingFlags", "Experiment", "Files", "Terminal", argumentParser,
      ],
      swiftSettings: swiftSettings),

    // 6: application
    library("Programs", ["Experiment", "Terminal", argumentParser]),
    library(
      "Auditing",
      [
        "Reports", "Similarity", "Metrics", "Store", "Images", "Files", "Threads", "Experiment",
        "Terminal",
      ]),
    library(
      "StoreBuilding",
      [
        "Faces", "Photographs", "Similarity", "Images", "Store", "Files", "Threads", "Experiment",
        "Terminal",
        "Checksums",
      ]),
    library(
      "Training",
      [
        "Loader", "Network", "Photographs", "Images", "WeightFiles", "PipelineFiles", "Experiment",
        "Reports", "Metrics", "Store", "Terminal", "Threads", "Tensors", "Checksums", "Files",
      ]),
    library("CInterface", ["Loader", "Store", "Experiment", "Files"]),
    library("HydraData", ["Loader", "Store", "Experiment", "Files"]),

    // 5: domain
    library("Reports", ["Metrics", "Images", "Terminal", "Experiment", "Checksums", "Files"]),
    library("SettingFlags", ["Experiment", argumentParser]),
    library(
      "Faces",
      ["Photographs", "Images", "Store", "Files", "Terminal", "Experiment", "Checksums"]),
    library("FaceDrawing", ["Images", "Threads", "Checksums", "Files"]),
    library("Loader", ["Store", "Experiment", "Threads", "Tensors", "Checksums", "CSystem"]),
    library("Network", ["Experiment", "Kernels", "Tensors", "Threads", "Checksums"]),
    library("WeightFiles", ["Tensors", "Checksums", "Files", "Experiment", "Terminal"]),

    // 4: the on-disk format, pipeline files, where photographs come from, which ones are alike,
    // statistics of answers
    library("Photographs", ["Images", "Files", "Archives"]),
    library("Similarity", ["Images", "Files", "Threads"]),
    library("Archives", ["CArchive"]),
    library("Metrics", ["Experiment"]),
    library("PipelineFiles", ["Experiment", "Terminal", .product(name: "Yams", package: "Yams")]),
    library(
      "Store", ["CBlosc", "CLZ4", "CSystem", "Checksums", "Experiment", "Files"]),

    // 3: vocabulary, image formats
    library("Images", ["CJPEG", "CPNG", "Checksums"]),
    library("Experiment", ["Checksums", "Terminal"]),

    // 2: substrate
    library("Kernels", ["CXSMM", "CTiles", "Tensors", "Threads"]),
    library(
      "Files",
      [
        "CSystem", "Checksums", "Threads",
        .product(name: "HeapModule", package: "swift-collections"),
      ]),
    library("Terminal", ["CSystem"]),
    library("Threads", ["CSystem", "Terminal"]),
    library("Tensors"),
    library("Checksums", ["CCrypto", "CZlib", "CSystem"]),

    // 1: C
    .target(name: "CJPEG", cSettings: cSettings, linkerSettings: [.linkedLibrary("jpeg")]),
    .target(
      name: "CPNG", cSettings: cSettings,
      linkerSettings: [.linkedLibrary("png"), .linkedLibrary("z")]),
    .target(
      name: "CXSMM", cSettings: cSettings,
      linkerSettings: [.linkedLibrary("xsmm"), .linkedLibrary("xsmmnoblas")]),
    .target(name: "CTiles", cSettings: cSettings),
    .target(name: "CSystem", cSettings: cSettings),
    .systemLibrary(name: "CBlosc", pkgConfig: nil, providers: [.apt(["libblosc-dev"])]),
    .systemLibrary(name: "CLZ4", pkgConfig: nil, providers: [.apt(["liblz4-dev"])]),
    .systemLibrary(name: "CArchive", pkgConfig: nil, providers: [.apt(["libarchive-dev"])]),
    .systemLibrary(name: "CCrypto", pkgConfig: nil, providers: [.apt(["libssl-dev"])]),
    .systemLibrary(name: "CZlib", pkgConfig: nil, providers: [.apt(["zlib1g-dev"])]),

    // Tests, one target per target, and the built programs end to end.
    tests("ChecksumsTests", ["Checksums"]),
    tests("ThreadsTests", ["Threads"]),
    tests("FilesTests", ["Files"]),
    tests("ExperimentTests", ["Experiment"]),
    tests("FacesTests", ["Faces", "Photographs", "Store", "Files", "Experiment"]),
    tests("PhotographsTests", ["Photographs", "Files"]),
    tests("TerminalTests", ["Terminal"]),
    tests("ImagesTests", ["Images", "FaceDrawing", "Files"], resources: [.copy("Golden")]),
    tests(
      "StoreTests", ["Store", "Experiment", "Checksums", "Files", "CBlosc"],
      resources: [.copy("Golden")]),
    tests("LoaderTests", ["Loader", "Store", "Experiment", "Tensors"]),
    tests("HydraDataTests", ["HydraData", "Loader", "Store", "Experiment"]),
    tests("CInterfaceTests", ["CInterface", "Loader", "Store", "Experiment"]),
    tests(
      "NetworkTests", ["Network", "Experiment", "Kernels", "Tensors", "Threads"],
      resources: [.copy("Golden")]),
    tests("WeightFilesTests", ["WeightFiles", "Files"], resources: [.copy("Golden")]),
    tests(
      "TrainingTests",
      [
        "Training", "Reports", "Metrics", "PipelineFiles", "Experiment", "WeightFiles", "Store",
        "FaceDrawing",
        "Photographs", "Images", "Tensors", "Files",
      ],
      resources: [.copy("Golden")]),
    tests(
      "ReportsTests", ["Reports", "Experiment", "Images", "Files"], resources: [.copy("Golden")]),
    tests("MetricsTests", ["Metrics", "Experiment"], resources: [.copy("Golden")]),
    tests("SimilarityTests", ["Similarity", "Checksums", "Files"]),
    tests("ArchivesTests", ["Archives", "CArchive"]),
    tests(
      "StoreBuildingTests",
      ["StoreBuilding", "Experiment", "Store", "FaceDrawing", "Files", "Checksums"]),
    tests(
      "ProgramTests",
      ["Store", "Images", "FaceDrawing", "Checksums", "Files", "utk-prep", "hydra-train"]),
  ]
)

// `make fuzz` names libFuzzer's library (compiler-rt, without a main); other builds do not need it.
if let library = Context.environment["HYDRANET_FUZZER"] {
  package.targets.append(
    .executableTarget(
      name: "fuzz",
      dependencies: [
        "Archives", "Checksums", "Experiment", "Faces", "Files", "Images", "PipelineFiles", "Store",
        "StoreBuilding", "WeightFiles", "CSystem",
      ],
      path: "Tests/Fuzz", swiftSettings: swiftSettings,
      linkerSettings: [.unsafeFlags([library]), .linkedLibrary("stdc++")]))
}
