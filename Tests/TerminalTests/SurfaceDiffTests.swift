import MCP
import Testing

@testable import Terminal

@Suite struct SurfaceDiffTests {
    private func diff(_ old: JSONValue, _ new: JSONValue) throws -> [SurfaceDiff.Change] {
        func document(_ inside: JSONValue) -> JSONValue { ["schema": 1, "x": inside] }
        return try #require(SurfaceDiff(from: document(old), to: document(new))).changes
    }

    @Test func saysWhatCameWentAndChanged() throws {
        let old: JSONValue = ["a": ["mode": "0600"], "b": "1", "list": ["read", "write"]]
        let new: JSONValue = ["a": ["mode": "0666"], "c": "2", "list": ["write", "connect"]]
        #expect(
            try diff(old, new) == [
                .changed("x › a › mode", from: "0600", to: "0666"), .removed("x › b (1)"), .added("x › c (2)"),
                .added("x › list › connect"), .removed("x › list › read"),
            ])
    }

    @Test func orderIsNoChangeAndNumberIs() throws {
        #expect(try diff(["read", "write"], ["write", "read"]).isEmpty)
        #expect(try diff(["a": 1, "b": 2], ["b": 2, "a": 1]).isEmpty)
        #expect(try diff(["read"], ["read", "read"]).count == 1)
        #expect(try diff(["a": true], ["a": false]).count == 1)
        #expect(try diff(["a": [:]], ["a": "x"]) == [.changed("x › a", from: "{}", to: "x")])
        let (mount, other): (JSONValue, JSONValue) = (
            [["Target": "/a", "ReadOnly": true], ["Target": "/b", "ReadOnly": true]],
            [["Target": "/b", "ReadOnly": false], ["Target": "/a", "ReadOnly": true]]
        )
        #expect(try diff(mount, other) == [.changed("x › /b › ReadOnly", from: "true", to: "false")])
    }

    /// A member of one of two mounts to the same place is not hidden by the other's.
    @Test func nothingHidesBehindAnEqualName() throws {
        let one: JSONValue = [["Target": "/a", "ReadOnly": true]]
        let two: JSONValue = [["Target": "/a", "ReadOnly": true], ["Target": "/a", "ReadOnly": false]]
        #expect(try diff(one, two).count == 1)
    }

    @Test func onlyPrintsOfOneVersionAreCompared() {
        #expect(SurfaceDiff(from: ["schema": 1], to: ["schema": 2]) == nil)
        #expect(SurfaceDiff(from: [:], to: [:]) == nil)
        #expect(SurfaceDiff(from: ["schema": 1], to: ["schema": 1])?.changes.isEmpty == true)
    }
}
