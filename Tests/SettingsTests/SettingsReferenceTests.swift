import Foundation
import Testing

@testable import Settings

@Suite struct SettingsReferenceTests {
    private static let page = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().appending(path: "docs/configuration.md")

    /// `make reference` runs this test with the variable set, which writes the page.
    @Test func theCommittedReferenceIsTheGeneratedOne() throws {
        if ProcessInfo.processInfo.environment["BULKHEAD_WRITE_REFERENCE"] != nil {
            try Settings.reference.write(to: Self.page, atomically: true, encoding: .utf8)
        }
        let committed = try String(contentsOf: Self.page, encoding: .utf8)
        #expect(committed == Settings.reference, "docs/configuration.md is out of date: run `make reference`")
    }

    @Test func namesAreUniqueAndTextFitsATable() {
        #expect(Set(Settings.keys.map(\.name)).count == Settings.keys.count)
        for key in Settings.keys {
            #expect(key.name.split(separator: ".").count >= 2, "\(key.name)")
            #expect(!key.documentation.isEmpty && key.documentation.hasSuffix("."), "\(key.name)")
            #expect(!(key.allowed + key.defaultText).contains("|"), "\(key.name)")
        }
    }

    @Test func everyDefaultIsAllowed() throws {
        for key in Settings.keys {
            let parts = key.name.split(separator: ".")
            let opening = parts.map { "\($0): " }.joined(separator: "{")
            let text = opening + key.defaultText + String(repeating: "}", count: parts.count - 1)
            let settings = try Settings.parse(text, file: "/f.yaml")
            #expect(key.isEqual(settings, try Settings.parse("", file: "/f.yaml")), "\(key.name)")
        }
    }
}
