import ArgumentParser
import Experiment
import PipelineFiles
import Terminal

/// Writes the documentation of the settings; `make docs` calls it.
struct SettingsCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "settings", abstract: "Print every key of a pipeline file as a Markdown page.",
    shouldDisplay: false)

  func run() throws { try StandardOutput.main.document(String(Pipeline.settingsPage.dropLast())) }
}
