import Drill
import Foundation
import MCP
import Testing

@Suite struct CatalogueTests {
    @Test func atLeastSixtyAttemptsEachWithANameOfItsOwn() {
        let trials = Catalogue.trials()
        #expect(trials.count >= 60)
        #expect(Set(trials.map(\.id)).count == trials.count)
        #expect(Set(trials.map(\.group)) == Set(DrillGroup.allCases))
        for trial in trials { #expect(trial.id.hasPrefix(trial.group.rawValue + ".") && !trial.title.isEmpty) }
        // What passes a door has to be seen in the audit.
        #expect(trials.allSatisfy { $0.passesDoor == [.egress, .model].contains($0.group) })
    }

    @Test func aGroupAloneIsThatGroup() {
        #expect(Set(Catalogue.trials(in: [.model]).map(\.group)) == [.model])
    }

    /// A probe nobody lists would never run; a listed one that is not there fails every drill.
    @Test(arguments: [DrillGroup.network, .container, .resources, .tenant, .secrets])
    func everyProbeOfAScriptIsListed(_ group: DrillGroup) throws {
        let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        let script = try String(
            contentsOf: root.appending(path: "Sources/Drill/Scripts/\(group.rawValue).py"), encoding: .utf8)
        let listed = Set(Catalogue.trials(in: [group]).map(\.id))
        var named: Set<String> = []
        for piece in script.components(separatedBy: "\"").dropFirst()
        where piece.hasPrefix(group.rawValue + ".") && !piece.contains("{") && !piece.contains(" ") {
            named.insert(piece)
        }
        #expect(!named.isEmpty && named.isSubset(of: listed), "\(named.subtracting(listed))")
    }

    @Test func whatWasNotTriedIsRed() {
        for trial in Catalogue.trials() { #expect(!trial.failed("not tried").isGreen) }
        let door = DrillTrial(.egress, "x", "x", passesDoor: true)
        #expect(!door.attempt(refused: true, control: true, detail: "").isGreen)
        #expect(door.attempt(refused: true, audited: true, control: true, detail: "").isGreen)
        let wall = DrillTrial(.network, "x", "x")
        #expect(wall.attempt(refused: true, audited: false, control: true, detail: "").wasAudited == nil)
    }
}

@Suite struct DrillReportTests {
    private let green = DrillTrial(.network, "x", "x").attempt(refused: true, control: true, detail: "")

    @Test func onlyWhatIsGreenThroughoutHeld() {
        let red = DrillTrial(.network, "y", "y").attempt(refused: false, control: true, detail: "")
        #expect(DrillReport(attempts: [green], duration: .seconds(1)).isGreen)
        #expect(!DrillReport(attempts: [green, red], duration: .seconds(1)).isGreen)
        #expect(!DrillReport(attempts: [], duration: .seconds(1)).isGreen)
        #expect(!DrillReport(attempts: [green], duration: .seconds(1), left: ["a volume"]).isGreen)
    }

    @Test func theReportHasTheMembersThatOthersRead() throws {
        let json = DrillReport(attempts: [green], duration: .milliseconds(1500)).json
        #expect(json["verdict"] == "held" && json["seconds"]?.doubleValue == 1.5)
        let attempt = try #require(json["attempts"]?.arrayValue?.first?.objectValue)
        #expect(attempt["id"] == "network.x" && attempt["group"] == "network")
        #expect(attempt["refused"] == true && attempt["control"] == true && attempt["audited"] == .null)
    }
}
