import Foundation
import Hardening
import Model
import Testing

/// A baseline is a file of root's, and what differs from it is named.
@Suite struct BaselineTests {
    private func facts(_ change: (inout HostFacts) -> Void = { _ in }) -> HostFacts {
        var facts = HostFacts()
        facts[.file, "/x/data"] = "0700 bulkhead:bulkhead directory"
        facts[.content, "/x/broker"] = "aa"
        facts[.engine, "version"] = "26.1"
        facts[.image, "agent (a:1)"] = "sha256:1"
        facts[.setting, "people.others"] = "refuse"
        facts[.owners, "compartments"] = "1500000000-1500000463"
        facts[.egress, "1"] = "example.com for the company"
        facts[.process, "daemon"] = "bulkhead"
        facts[.policy, "bash, member"] = "rr"
        change(&facts)
        return facts
    }

    private func folder() throws -> String {
        let path = NSTemporaryDirectory() + "baseline-" + UUID().uuidString
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        return path
    }

    @Test func whatWasAcceptedIsReadBackAndNothingDiffers() throws {
        let path = try folder() + "/baseline.json"
        #expect(try Baseline.load(path) == nil)
        let baseline = Baseline(accepted: Timestamp(milliseconds: 1000), by: "root", facts: facts())
        try baseline.write(path)
        let read = try #require(try Baseline.load(path))
        #expect(read.facts == facts() && read.by == "root" && read.accepted.milliseconds == 1000)
        #expect(Comparison.drift(from: read, to: facts()).isEmpty)
        // Again, in its place.
        try baseline.write(path)
        let mode = try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
        #expect(mode == 0o600)
    }

    @Test func aBaselineThatOthersCouldHaveWrittenIsRefused() throws {
        let path = try folder() + "/baseline.json"
        try Baseline(accepted: Timestamp(milliseconds: 0), by: "root", facts: facts()).write(path)
        chmod(path, 0o622)
        #expect(throws: BaselineError.self) { try Baseline.load(path) }
        chmod(path, 0o600)
        lchown(path, 65534, 0)
        #expect(throws: BaselineError.self) { try Baseline.load(path) }
        unlink(path)
        symlink("/etc/passwd", path)
        #expect(throws: BaselineError.self) { try Baseline.load(path) }
        unlink(path)
        try Data("{\"version\":1,\"version\":1}".utf8).write(to: URL(fileURLWithPath: path))
        chmod(path, 0o600)
        #expect(throws: BaselineError.self) { try Baseline.load(path) }
    }

    @Test func eachKindOfDriftIsNamed() throws {
        let baseline = Baseline(accepted: Timestamp(milliseconds: 0), by: "root", facts: facts())
        let cases: [(String, (inout HostFacts) -> Void)] = [
            ("/x/data", { $0[.file, "/x/data"] = "0755 bulkhead:bulkhead directory" }),
            ("/x/data", { $0[.file, "/x/data"] = "missing" }),
            ("/x/broker", { $0[.content, "/x/broker"] = "bb" }),
            ("Docker Engine", { $0[.engine, "version"] = "20.10" }),
            ("image agent (a:1)", { $0[.image, "agent (a:1)"] = "sha256:2" }),
            ("people.others", { $0[.setting, "people.others"] = "member" }),
            ("compartments", { $0[.owners, "compartments"] = "1000-2000" }),
            ("egress 2", { $0[.egress, "2"] = "*.example.org for the company" }),
            ("secret crm", { $0[.secret, "crm"] = "company" }),
            ("daemon", { $0[.process, "daemon"] = "root" }),
        ]
        for (subject, change) in cases {
            let drift = Comparison.drift(from: baseline, to: facts(change))
            #expect(drift.count == 1 && drift.first?.subject == subject && drift.first?.state == .fail, "\(drift)")
            #expect(drift.first?.expected != nil && drift.first?.found != nil && drift.first?.advice != "", "\(drift)")
        }
        // A grant that was taken back, a socket of what does not run: no drift.
        #expect(Comparison.drift(from: baseline, to: facts { $0[.egress] = [:] }).isEmpty)
    }
}
