import Testing

@Suite struct LayeringTests {
    @Test func everyImportIsDeclaredPointsDownAndIsListed() throws {
        let manifest = PackageManifest(text: try Repository.text("Package.swift"))
        let sources = try Repository.swiftFiles(in: "Sources")
        #expect(manifest.targets.count > 30 && sources.count > 20, "nothing was read")
        let violations = LayeringRules().violations(manifest: manifest, sources: sources)
        #expect(violations.isEmpty, "\(violations.joined(separator: "\n"))")
    }

    @Test func theManifestIsReadAsSwiftPMReadsIt() throws {
        let manifest = PackageManifest(text: try Repository.text("Package.swift"))
        #expect(manifest.targets["CLinux"] == [])
        #expect(manifest.targets["Settings"] == ["Budgets", "Model", "Schedules", "Yams"])
        #expect(manifest.targets["bulkhead"]?.isSuperset(of: ["Daemon", "Terminal", "ArgumentParser"]) == true)
        #expect(manifest.targets["ArchitectureTests"] == [])
        #expect(!manifest.targets.values.joined().contains { $0.hasPrefix("?") })
    }

    @Test(arguments: [
        ("Store", "import Hummingbird", "does not declare"),
        ("Store", "import Hummingbird", "no listed importer"),
        ("Store", "package import Harness", "above or beside"),
        ("Harness", "internal import Conversations", "above or beside"),
        ("Terminal", "import Console", "above or beside"),
        ("AgentLoop", "  internal import Foundation", "FoundationEssentials at most"),
        ("WorkspaceTools", "import Store", "nothing of the host"),
        ("MCP", "@testable import struct Model.Timestamp", "nothing of the host"),
        ("Invented", "import MCP", "no target Invented"),
        ("Daemon", "internal import Broker", "which only"),
    ])
    func aWrongImportIsSeen(target: String, line: String, complaint: String) throws {
        let manifest = PackageManifest(text: try Repository.text("Package.swift"))
        let file = SourceFile(path: "Sources/\(target)/X.swift", text: "// import GRDB\n\(line)\n")
        let found = LayeringRules().violations(manifest: manifest, sources: [file])
        #expect(found.contains { $0.contains(complaint) }, "\(found)")
        #expect(!found.contains { $0.contains("GRDB") })
    }

    @Test func aTargetWithoutAPlaceIsSeen() {
        let manifest = PackageManifest(text: "targets: [\n module(\"Surprise\", [\"MCP\"]),\n]")
        let found = LayeringRules().violations(manifest: manifest, sources: [])
        #expect(found == ["Package.swift: target Surprise has no place in LayeringRules.order"])
    }
}
