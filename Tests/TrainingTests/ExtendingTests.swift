import Experiment
import PipelineFiles
import Testing
import Training

/// A run without named tasks, and a run that gets more epochs.
@Suite struct ExtendingTests {
  let fixture: TrainingFixture

  init() throws { fixture = try TrainingFixture() }

  @Test func withoutTasksEveryLabelIsLearned() throws {
    var settings = fixture.settings("all")
    settings.tasks = []
    settings.freeze = ["heads.race"]
    let run = try TrainingRun(settings, start: .new(overwrite: false), quiet: true)
    let tasks = run.settings.tasks
    #expect(tasks.map(\.name) == ["age", "gender", "race"])
    #expect(tasks.map(\.kind) == [.regression, .binary, .categorical])
    #expect(tasks.map(\.weight) == [0.1, 1, 1])
    // The store has no names for race: the largest label counts.
    #expect(tasks[2].classes == 5)
    #expect(try Pipeline(contentsOf: run.folder.config).train.tasks == tasks)
    settings.freeze = ["heads.height"]
    settings.output = fixture.run("other")
    #expect(throws: PipelineError.self) { try TrainingRun(settings, start: .new(overwrite: false)) }
  }

  @Test(arguments: [ScheduleSettings.Name.oneCycle, .constant])
  func aFinishedRunGoesOn(schedule: ScheduleSettings.Name) throws {
    var settings = fixture.settings("run")
    settings.schedule.name = schedule
    settings.patience = 1
    _ = try TrainingRun(settings, start: .new(overwrite: false), quiet: true).train()
    settings.epochs = 4
    settings.patience = nil
    // The claim of its folder ends with the run.
    do {
      let second = try TrainingRun(settings, start: .resume, quiet: true)
      #expect(try second.train() == .finished)
      #expect(try second.folder.records().map(\.epoch) == [1, 2, 3, 4])
      #expect(try Pipeline(contentsOf: second.folder.config).train.epochs == 4)
    }
    settings.epochs = 3
    let error = #expect(throws: TrainingError.self) {
      try TrainingRun(settings, start: .resume, quiet: true)
    }
    #expect(error?.description.contains("give --epochs 4 or more") == true)
  }
}
