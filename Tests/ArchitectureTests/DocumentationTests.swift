import Foundation
import Testing

@Suite struct DocumentationTests {
    @Test func everyTargetHasItsParagraph() throws {
        let page = try Repository.text("docs/modules.md")
        let targets = PackageManifest(text: try Repository.text("Package.swift")).targets.keys
        for target in targets.sorted() where !target.hasSuffix("Tests") {
            #expect(page.contains("**\(target)**"), "docs/modules.md has no paragraph on \(target)")
        }
    }

    /// Links between our own pages lead somewhere.
    @Test func linksLeadSomewhere() throws {
        var pages = ["README.md", "CONTRIBUTING.md"]
        let docs = Repository.root.appending(path: "docs")
        let walk = FileManager.default.enumerator(atPath: docs.path)
        for case let name as String in walk ?? .init() where name.hasSuffix(".md") { pages.append("docs/\(name)") }
        #expect(pages.count > 5)
        for page in pages {
            let folder = Repository.root.appending(path: page).deletingLastPathComponent()
            for match in try Repository.text(page).matches(of: #/\]\(([^)\s#]+)(?:#[^)]*)?\)/#) {
                let target = String(match.1)
                if target.hasPrefix("http://") || target.hasPrefix("https://") { continue }
                let exists = FileManager.default.fileExists(atPath: folder.appending(path: target).path)
                #expect(exists, "\(page) links to \(target), which is not there")
            }
        }
    }
}
