/// A self-contained page: its style is in it, it loads nothing and runs nothing, and its own policy
/// forbids both. The text is well-formed XML too, so that a test can prove it. Light or dark follows the system until the reader chooses.
struct Page {
  var title: String
  var subtitle = ""
  /// Anchors of the sections, by their titles.
  var sections: [(anchor: String, title: String)] = []
  var body: Markup = ""
  var footer: Markup = ""

  /// Adds a section with a heading, and a link to it at the top of the page.
  mutating func addSection(_ anchor: String, _ title: String, note: String = "", _ content: Markup)
  {
    sections.append((anchor, title))
    let note: Markup = note.isEmpty ? "" : "<p class=\"note\">\(note)</p>"
    body += """
      <section id="\(anchor)"><h2>\(title)</h2>\(note)
      \(content)</section>

      """
  }

  func text() -> String {
    let links = sections.map { section -> Markup in
      "<a href=\"#\(section.anchor)\">\(section.title)</a>"
    }
    let page: Markup = """
      <!DOCTYPE html>
      <html lang="en">
      <head>
      <meta charset="utf-8"/>
      <meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; img-src data:"/>
      <meta name="viewport" content="width=device-width, initial-scale=1"/>
      <title>\(title)</title>
      <style>\(PageStyle.text)</style>
      </head>
      <body>
      <header class="bar"><strong>\(title)</strong><nav>\(links)</nav>
      <fieldset class="theme"><legend>Theme</legend>\
      <input type="radio" name="theme" id="theme-auto" checked="checked"/><label for="theme-auto">Auto</label>\
      <input type="radio" name="theme" id="theme-light"/><label for="theme-light">Light</label>\
      <input type="radio" name="theme" id="theme-dark"/><label for="theme-dark">Dark</label></fieldset></header>
      <main>
      \(body)</main>
      <footer>\(footer)</footer>
      </body>
      </html>

      """
    return page.text
  }
}
