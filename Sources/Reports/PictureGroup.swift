import Foundation
import Images

/// Pictures with what was predicted, under one title.
package struct PictureGroup: Sendable {
  package struct Prediction: Sendable {
    package var truth: String
    package var prediction: String
    package var isRight: Bool

    package init(truth: String, prediction: String, isRight: Bool) {
      self.truth = truth
      self.prediction = prediction
      self.isRight = isRight
    }
  }

  package struct Picture: Sendable {
    package var image: RGBImage
    /// The file or sample name.
    package var name: String
    package var predictions: [Prediction]

    package init(image: RGBImage, name: String, predictions: [Prediction]) {
      self.image = image
      self.name = name
      self.predictions = predictions
    }
  }

  package var title: String
  package var note: String
  package var pictures: [Picture]

  package init(title: String, note: String = "", pictures: [Picture]) {
    self.title = title
    self.note = note
    self.pictures = pictures
  }
}

extension PictureGroup {
  /// The pictures in rows.
  ///
  /// - Throws: `ImageError` for one that PNG cannot hold.
  func card() throws -> Markup {
    let note: Markup = note.isEmpty ? "" : "<p class=\"sub\">\(self.note)</p>"
    return """
      <div class="card wide"><h3>\(title)</h3>\(note)\
      <div class="pictures">\(try pictures.map { try figure($0) })</div></div>

      """
  }

  private func figure(_ picture: Picture) throws -> Markup {
    let image = picture.image
    let data = Data(try PNGWriter.encode(image)).base64EncodedString()
    let lines = picture.predictions.map { prediction -> Markup in
      let kind: Markup = prediction.isRight ? "" : " class=\"wrong\""
      return """
        <div\(kind) title="predicted \(prediction.prediction), truth \(prediction.truth)">\
        \(prediction.prediction) <s>/ \(prediction.truth)</s></div>
        """
    }
    // Small pictures show their pixels; large ones are smoothed.
    let kind: Markup = max(image.width, image.height) <= 64 ? " class=\"small\"" : ""
    return """
      <figure class="picture"><img\(kind) src="data:image/png;base64,\(data)" width="\(image.width)" \
      height="\(image.height)" alt="\(picture.name)"/>\(lines)\
      <div class="name" title="\(picture.name)">\(picture.name)</div></figure>

      """
  }
}
