import MCP
import Testing

@testable import DockerEngine
@testable import Hardening

@Suite struct ContainerCheckTests {
    private static let sound: JSONValue = [
        "HostConfig": [
            "NetworkMode": "none", "ReadonlyRootfs": true, "Privileged": false, "CapDrop": ["ALL"], "CapAdd": [],
            "Devices": [], "PidMode": "", "IpcMode": "private", "PidsLimit": 64, "Memory": 1_000_000,
            "SecurityOpt": ["no-new-privileges", "seccomp={}"],
        ], "Config": ["User": "1500000000:1500000000"],
    ]

    private func container(_ name: String, state: String = "running") throws -> ContainerSummary {
        try #require(
            ContainerSummary([
                "Id": .string(name), "Names": [.string("/" + name)], "State": .string(state),
                "Labels": ["bulkhead.part": "workspace"],
            ]))
    }

    private func found(
        _ containers: [ContainerSummary], _ inspect: @escaping @Sendable (String) async throws -> JSONValue
    ) async -> [Drift] {
        await ContainerCheck(profiles: ["workspace": "{}"], inspect: inspect).run(over: containers)
    }

    @Test func whatCannotBeLookedAtIsAFindingAndWhatIsGoneIsNone() async throws {
        let all = [try container("sound"), try container("silent"), try container("gone"), try container("odd")]
        let drifts = await found(all) { id in
            switch id {
            case "sound": Self.sound
            case "gone": throw EngineError(.noSuchContainer, "no such container")
            case "odd": [:]
            default: throw EngineError(.timedOut, "no answer in 10 s")
            }
        }
        let silent = drifts.filter { $0.subject == "silent" }
        #expect(silent.count == 1 && silent[0].state == .fail && silent[0].fact.contains("no answer in 10 s"))
        #expect(!drifts.contains { $0.subject == "gone" })
        // An answer that says nothing is no wall.
        #expect(drifts.filter { $0.subject == "odd" && $0.state == .fail }.count > 8)
        #expect(drifts.filter { $0.state == .ok }.map(\.fact) == ["1 run, each with all its walls"])
    }

    @Test func aPausedContainerIsLookedAtAndAnEndedOneIsNot() async throws {
        let states = ["paused", "restarting", "exited", "created"]
        let drifts = await found(try states.map { try container($0, state: $0) }) { _ in ["HostConfig": [:]] }
        #expect(Set(drifts.map(\.subject)) == ["paused", "restarting"])
    }
}
