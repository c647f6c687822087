import Experiment
import Reports
import Terminal
import Testing
import Training

/// What a run shows in a terminal.
@Suite struct TrainingLineTests {
  private func line(epochs: Int = 30, tasks: Int = 3) -> TrainingLine {
    let losses = [("age", 6.3244), ("gender", 0.3111), ("race", 0.6222)]
    return TrainingLine(
      epoch: 12, epochs: epochs, step: 4410, steps: 10_200, imagesPerSecond: 729.4,
      dataWait: 0.0012, losses: (0..<tasks).map { losses[$0 % 3] }, total: 7.2577,
      secondsLeft: 725)
  }

  @Test func aWiderTerminalShowsMore() {
    #expect(
      line().fitted.text(columns: 140)
        == "epoch 12/30  ██████▉          43 %  step  4,410/10,200  729 images/s  "
        + "age 6.324  gender 0.311  race 0.622  data wait 0.1 %  ETA 12:05")
    #expect(
      line().fitted.text(columns: 80)
        == "12/30  step 4,410  729/s  age 6.32 gender 0.31 race 0.62  wait 0 %  ETA 12:05")
  }

  @Test func aLongRunFitsToo() {
    var line = line(epochs: 300)
    (line.step, line.steps, line.secondsLeft) = (123_456, 600_000, 5025)
    (line.imagesPerSecond, line.dataWait) = (1234, 1)
    #expect(
      line.fitted.text(columns: 80)
        == " 12/300  123,456  1,234/s  age 6.32 gender 0.31 race 0.62  wait 100 %  1:23:45")
  }

  /// Epoch, step, rate, losses, waiting and time left are there at 80 columns.
  @Test(arguments: [80, 100, 120, 200]) func nothingIsLeftOut(columns: Int) {
    let text = line().fitted.text(columns: columns)
    #expect(text.count < columns)
    for part in ["12/30", "4,410", "729", "age 6.32", "gender 0.31", "race 0.62", "0", "12:05"] {
      #expect(text.contains(part), "\(text)")
    }
  }

  @Test func manyTasksMakeWayForTheirSum() {
    #expect(line(tasks: 60).fitted.text(columns: 80).contains("  loss 7.26  "))
  }

  @Test func epochsAreATable() {
    let lines = EpochLines(tasks: TaskSettings.article, epochs: 30, hasValidation: true)
    let record = EpochRecord(
      epoch: 3, step: 30, learningRate: 0.1, train: ["loss": 7.25],
      validation: [
        "loss": 31.5, "age_mae": 6.522, "gender_accuracy": 0.881, "race_accuracy": 0.75,
      ],
      imagesPerSecond: 3012, dataWait: 0.001, seconds: 84.2)
    #expect(
      [lines.header, lines.row(record, isBest: true)] == [
        "epoch   train   valid  age MAE  gender    race  images/s   wait  time",
        " 3/30   7.250  31.500     6.52  88.1 %  75.0 %     3,012  0.1 %  1:25 *",
      ])
    let short = EpochLines(tasks: TaskSettings.article, epochs: 30, hasValidation: false)
    #expect(short.header == "epoch    loss  images/s   wait  time")
    #expect(short.row(record, isBest: false) == " 3/30   7.250     3,012  0.1 %  1:25")
  }
}
