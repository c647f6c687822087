import Experiment
import Foundation
import PipelineFiles
import Reports
import Testing
import Training

/// The report of a run, made again from its files. Serialized: each takes all cores.
@Suite(.serialized) struct RunReportTests {
  let fixture: TrainingFixture

  init() throws { fixture = try TrainingFixture() }

  private func train(
    _ name: String, stoppingAfter step: Int? = nil,
    _ change: (inout TrainSettings) -> Void = { _ in }
  ) throws -> TrainingRun {
    var settings = fixture.settings(name)
    change(&settings)
    let run = try TrainingRun(settings, start: .new(overwrite: false), quiet: true)
    _ = try run.train(stoppingAfter: step)
    return run
  }

  private func read(_ path: String) throws -> String {
    try String(contentsOfFile: path, encoding: .utf8)
  }

  /// The folder's files but for the claim, which lives as long as the run.
  private func snapshot(_ name: String) throws -> [String: Data] {
    let path = fixture.run(name)
    let names = try FileManager.default.contentsOfDirectory(atPath: path)
    return Dictionary(
      uniqueKeysWithValues: try names.filter { !$0.hasPrefix(".hydranet") }.map {
        ($0, try Data(contentsOf: URL(fileURLWithPath: "\(path)/\($0)")))
      })
  }

  @Test(arguments: [TaskSettings.Loss.l1, .dldl]) func theSamePageAgain(loss: TaskSettings.Loss)
    throws
  {
    do {
      try train("run") { settings in
        settings.tasks[0].loss = loss
        settings.tasks[2].classWeights = .balanced
      }.writeReports()
    }
    let before = try snapshot("run")
    let report = try RunReport(fixture.run("run"), threads: 1)
    #expect(report.notices.isEmpty)
    let folder = RunFolder(fixture.run("run"))
    #expect(try report.write() == [folder.report, folder.card])
    #expect(try snapshot("run") == before)

    let page = try read(folder.report)
    let sessions = try folder.readSessions()
    #expect(sessions.count == 1 && sessions[0].threads == 2 && sessions[0].store == fixture.store)
    for text in [
      "Where it comes from", fixture.store, sessions[0].started, sessions[0].program, "2 threads",
      "Recipe, SHA-256", "Store&#39;s metadata, SHA-256",
    ] {
      #expect(page.contains(text), "\(text)")
    }
    #expect(page.contains("<img"))
    let card = try read(folder.card)
    #expect(card.contains(" to ") && card.contains("| male | 12 | 50.0 % |"))
  }

  @Test func withoutFacesAndElsewhere() throws {
    do { try train("run").writeReports(showsFaces: false) }
    let before = try snapshot("run")
    #expect(!(try read(fixture.run("run") + "/report.html").contains("<img")))
    let other = fixture.folder.path + "/page.html"
    let report = try RunReport(fixture.run("run"))
    #expect(try report.write(page: other, showsFaces: true) == [other])
    #expect(try read(other).contains("<img"))
    #expect(try snapshot("run") == before)
    // Neither the run's weights nor its store is written over.
    for path in [fixture.run("run") + "/best.safetensors", fixture.store + "/page.html"] {
      #expect(throws: (any Error).self) { try report.write(page: path) }
    }
    #expect(try snapshot("run") == before)
  }

  /// Without its store a run still has its curves, its figures and its card.
  @Test func withoutItsStore() throws {
    do { try train("run").writeReports() }
    let moved = fixture.folder.path + "/moved"
    try FileManager.default.moveItem(atPath: fixture.store, toPath: moved)
    let report = try RunReport(fixture.run("run"))
    #expect(report.notices.count == 1 && report.notices[0].contains("does not exist"))
    try report.write()
    let page = try read(fixture.run("run") + "/report.html")
    #expect(!page.contains("<img") && page.contains("Curves") && page.contains("left out"))
    let card = try read(fixture.run("run") + "/model-card.md")
    #expect(card.contains("| Age MAE | ") && card.contains("No figures by group"))
    // Where it is now.
    #expect(try RunReport(fixture.run("run"), shards: moved).notices.isEmpty)
    let error = #expect(throws: (any Error).self) {
      try RunReport(fixture.run("run"), shards: fixture.store)
    }
    #expect("\(try #require(error))".contains("does not exist"))
  }

  /// A run that was stopped has a report of what it did; one that did nothing has none.
  @Test func unfinishedRuns() throws {
    do { _ = try train("stopped", stoppingAfter: 4) }
    let report = try RunReport(fixture.run("stopped"))
    #expect(report.notices.count == 1 && report.notices[0].contains("1 of 2 epochs"))
    try report.write()
    #expect(try read(fixture.run("stopped") + "/report.html").contains("is not finished"))

    do { _ = try train("begun", stoppingAfter: 1) }
    let before = try snapshot("begun")
    let error = #expect(throws: TrainingError.self) { try RunReport(fixture.run("begun")) }
    #expect(error?.description.contains("no finished epoch") == true)
    #expect(try snapshot("begun") == before)
  }

  @Test func aRunThatGoesOnIsLeftAlone() throws {
    let run = try train("run", stoppingAfter: 4)
    let before = try snapshot("run")
    let report = try RunReport(run.folder.path)
    let error = #expect(throws: (any Error).self) { try report.write() }
    #expect("\(try #require(error))".contains("is being written by another process"))
    #expect(try snapshot("run") == before)
    _ = run
  }

  @Test(arguments: ["config.yaml", "metrics.jsonl", "best.safetensors"])
  func damagedRunsAreRefused(name: String) throws {
    do { try train("run").writeReports() }
    let path = "\(fixture.run("run"))/\(name)"
    try Data("{]\n".utf8).write(to: URL(fileURLWithPath: path))
    let before = try snapshot("run")
    let error = #expect(throws: (any Error).self) { try RunReport(fixture.run("run")) }
    #expect("\(try #require(error))".contains(name))
    #expect(!"\(try #require(error))".contains("\n"))
    #expect(try snapshot("run") == before)
  }
}
