import Experiment
import PipelineFiles

/// Pipeline files: YAML, and every setting in it.
@Sendable func fuzzPipeline(_ bytes: UnsafeRawBufferPointer) {
  guard let text = String(validating: bytes, as: UTF8.self) else { return }
  _ = try? Pipeline(yaml: text, file: "fuzz").yaml
}
