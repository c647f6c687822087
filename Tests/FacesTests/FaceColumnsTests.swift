import Experiment
import Faces
import Testing

@Suite struct FaceColumnsTests {
  @Test func columnsFollowTheFieldsOfAName() {
    #expect(FaceLabels.columns.map(\.name) == LabelField.allCases.map(\.rawValue))
    for (column, field) in zip(FaceLabels.columns, LabelField.allCases) where column.kind == .class
    {
      #expect(column.classNames.count == field.range.count)
    }
  }
}
