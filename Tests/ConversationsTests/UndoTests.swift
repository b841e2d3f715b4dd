import Audit
import Conversations
import Foundation
import Harness
import MCP
import Model
import Store
import Testing

@Suite(.timeLimit(.minutes(5))) struct UndoTests {
    typealias Call = Workbench.Call

    private static let edit = Call("edit_file", ["path": "notes.txt", "old_string": "two", "new_string": "2"])
    private static let write = Call("write_file", ["path": "notes.txt", "content": "one two three"])

    private func refusal(_ body: () async throws -> UndoReceipt) async -> ChatError? {
        do {
            let receipt = try await body()
            Issue.record("this should not have been undone: \(receipt.text)")
            return nil
        } catch {
            return error as? ChatError
        }
    }

    private func undo(_ bench: Workbench, _ call: CallID, force: Bool = false, by person: PersonID) async throws
        -> UndoReceipt
    {
        try await bench.stage.service.undo(call, force: force, by: person, onBehalfBy: nil)
    }

    @Test func anEditIsUndoneAndDoneAgainAsOftenAsOneLikes() async throws {
        let bench = try await Workbench()
        try await bench.stage.run { stage in
            let anna = try await stage.person("anna")
            let (conversation, entry) = try await bench.run([Self.write, Self.edit], by: anna)
            #expect(bench.read("notes.txt") == "one 2 three")
            #expect(entry.tools.map(\.undo) == [.possible, .possible], "\(entry.tools)")
            let edit = entry.tools[1].call
            let first = try await undo(bench, edit, by: anna)
            #expect(bench.read("notes.txt") == "one two three" && first.text.hasSuffix("is as it was before."))
            let twice = await refusal { try await undo(bench, edit, by: anna) }
            #expect(twice?.code == .conflict && twice?.message.contains("already undone") == true)
            #expect(twice?.message.contains(first.call.rawValue) == true)
            let second = try await undo(bench, first.call, by: anna)
            #expect(bench.read("notes.txt") == "one 2 three")
            _ = try await undo(bench, second.call, by: anna)
            #expect(bench.read("notes.txt") == "one two three")
            // On record, with the call it undid; and in the conversation.
            let rows = try await stage.audit.rows(matching: AuditFilter())
            let intents = rows.filter { $0.call == first.call.rawValue && $0.kind == "intent" }
            #expect(intents.map(\.tool) == ["edit_file"] && intents.map(\.decision) == ["allow"])
            #expect(intents[0].details?["arguments"]?["undoes"]?.stringValue == edit.rawValue)
            let view = try await stage.service.conversation(conversation, for: anna)
            #expect(view.entries.last?.text.hasPrefix("anna undid edit_file") == true)
            let done = view.entries.flatMap(\.tools).first { $0.call == edit }
            #expect(done?.undo == .done(by: first.call), "\(view.entries)")
        }
    }

    @Test func aCreatedFileIsRemovedAndADeletedOneComesBack() async throws {
        let bench = try await Workbench()
        try await bench.stage.run { stage in
            let anna = try await stage.person("anna")
            let (conversation, entry) = try await bench.run([Self.write], by: anna)
            let created = try await undo(bench, entry.tools[0].call, by: anna)
            #expect(bench.read("notes.txt") == nil && created.text.contains("removed again"))
            _ = try await undo(bench, created.call, by: anna)
            #expect(bench.read("notes.txt") == "one two three")
            // Gone by other means.
            let (_, edited) = try await bench.run([Self.edit], by: anna, conversation: conversation)
            try bench.remove("notes.txt")
            let call = edited.tools[0].call
            let gone = await refusal { try await undo(bench, call, by: anna) }
            #expect(gone?.message.contains("is not there any more") == true, "\(gone?.message ?? "")")
            _ = try await undo(bench, call, force: true, by: anna)
            #expect(bench.read("notes.txt") == "one two three")
        }
    }

    @Test func whatWasChangedSinceIsLeftUnlessForced() async throws {
        let bench = try await Workbench()
        try await bench.stage.run { stage in
            let anna = try await stage.person("anna")
            let (_, entry) = try await bench.run([Self.write, Self.edit], by: anna)
            try bench.put("notes.txt", "mine")
            let call = entry.tools[1].call
            let refused = await refusal { try await undo(bench, call, by: anna) }
            #expect(refused?.code == .conflict && bench.read("notes.txt") == "mine")
            // SHA-256 of "mine".
            #expect(
                refused?.message.contains("c5f5ec1ab5c2ae3a5ec9ce7d0ffe8ac7") == true
                    || refused?.message.contains("sha256") == true, "\(refused?.message ?? "")")
            let forced = try await undo(bench, call, force: true, by: anna)
            #expect(bench.read("notes.txt") == "one two three")
            // What the force took away comes back.
            _ = try await undo(bench, forced.call, by: anna)
            #expect(bench.read("notes.txt") == "mine")
        }
    }

    @Test func onlyTheRequesterUndoes() async throws {
        let bench = try await Workbench()
        try await bench.stage.run { stage in
            let (anna, ben) = (try await stage.person("anna"), try await stage.person("ben"))
            let root = try await stage.database.findOrCreatePerson(name: "root", role: .admin).id
            let room = try await stage.database.createRoom(named: "sales", by: anna)
            try await stage.database.addMember(ben, to: room.id)
            let (_, entry) = try await bench.run([Self.write], by: anna, in: room.id)
            let call = entry.tools[0].call
            let other = await refusal { try await undo(bench, call, by: ben) }
            #expect(other?.code == .forbidden && other?.message.contains("Only anna") == true)
            let stranger = try await stage.person("carl")
            #expect(await refusal { try await undo(bench, call, by: stranger) }?.code == .notFound)
            #expect(bench.read("notes.txt") != nil)
            // An admin who acts for her, as everywhere: on record as such.
            let receipt = try await stage.service.undo(call, force: false, by: anna, onBehalfBy: root)
            #expect(bench.read("notes.txt") == nil)
            let rows = try await stage.audit.rows(matching: AuditFilter())
            #expect(rows.first { $0.call == receipt.call.rawValue }?.onBehalfBy == root.rawValue)
        }
    }

    @Test func modesPausesAndRulesHold() async throws {
        let bench = try await Workbench()
        try await bench.stage.run { stage in
            let anna = try await stage.person("anna")
            let ben = try await stage.database.findOrCreatePerson(name: "ben", role: .admin).id
            let (conversation, entry) = try await bench.run([Self.write], by: anna)
            let call = entry.tools[0].call
            try await stage.service.pause(.tool("write_file"), reason: "odd", by: ben)
            #expect(await refusal { try await undo(bench, call, by: anna) }?.message.contains("paused") == true)
            _ = try await stage.service.resume(.tool("write_file"), by: ben)
            func policy(_ text: String) throws {
                try text.write(toFile: stage.directory + "/policy.yaml", atomically: true, encoding: .utf8)
                _ = try stage.policies.reload()
            }
            try policy(
                "version: 1\ndeny:\n  - {name: no notes, tool: write_file, arguments: [{at: /path, glob: \"*notes*\"}]}"
            )
            #expect(await refusal { try await undo(bench, call, by: anna) }?.message.contains("no notes") == true)
            for (approvers, isEnough) in [("secondPerson", false), ("admins", false), ("requester", true)] {
                try policy(
                    "version: 1\nrules:\n  - {name: a, tool: write_file, decision: ask, approvers: \(approvers)}")
                if isEnough {
                    // In another's name nothing is confirmed.
                    let admin = await refusal {
                        try await stage.service.undo(call, force: false, by: anna, onBehalfBy: ben)
                    }
                    #expect(admin?.code == .forbidden)
                    let receipt = try await undo(bench, call, by: anna)
                    let rows = try await stage.audit.rows(matching: AuditFilter())
                    #expect(
                        rows.filter { $0.call == receipt.call.rawValue }.map(\.decision) == ["ask", "approved", nil])
                } else {
                    let refused = await refusal { try await undo(bench, call, by: anna) }
                    #expect(refused?.code == .forbidden && bench.read("notes.txt") != nil, "\(approvers)")
                }
            }
            try policy("version: 1")
            let (_, again) = try await bench.run([Self.write], by: anna, conversation: conversation)
            try await stage.service.tighten(conversation, to: .readOnly, by: anna)
            let readOnly = await refusal { try await undo(bench, again.tools[0].call, by: anna) }
            #expect(readOnly?.message.contains("read only") == true && bench.read("notes.txt") != nil)
        }
    }

    @Test func aRestartAndAFreshSessionUndoToo() async throws {
        let bench = try await Workbench()
        let calls = Reloadable<[CallID]>([])
        try await bench.stage.run { stage in
            let anna = try await stage.person("anna")
            let scratch = Call("write_file", ["path": .string(bench.root + "/session/scratch.txt"), "content": "x"])
            let (_, entry) = try await bench.run([Self.write, Self.edit, scratch], by: anna)
            calls.replace(with: entry.tools.map(\.call))
        }
        bench.stage.database.close()
        let next = try await Workbench(directory: bench.stage.directory, root: bench.root)
        try await next.stage.run { stage in
            let anna = try await stage.person("anna")
            let lost = await refusal { try await undo(next, calls.current[2], by: anna) }
            #expect(
                lost?.message.contains("scratch folder of a session that is over") == true, "\(lost?.message ?? "")")
            _ = try await undo(next, calls.current[1], by: anna)
            #expect(next.read("notes.txt") == "one two three")
            _ = try await undo(next, calls.current[0], by: anna)
            #expect(next.read("notes.txt") == nil)
        }
    }

    @Test func whatHasNoInverseSaysSo() async throws {
        var limits = ConversationLimits()
        limits.undo.fileBytes = 100
        let bench = try await Workbench(limits: limits)
        try await bench.stage.run { stage in
            let anna = try await stage.person("anna")
            try bench.put("big.txt", String(repeating: "x", count: 101))
            let (_, entry) = try await bench.run(
                [
                    Call("bash", ["command": "echo hi > made.txt"]), Call("read_file", ["path": "made.txt"]),
                    Call("write_file", ["path": "big.txt", "content": "small"]),
                    Call("write_file", ["path": "../nowhere/../../x", "content": "small"]),
                    Call("write_file", ["path": "a/../b.txt", "content": "small"]),
                ], by: anna)
            func why(_ index: Int) async -> String {
                await refusal { try await undo(bench, entry.tools[index].call, by: anna) }?.message ?? ""
            }
            #expect(await why(0).contains("bash cannot be undone"))
            #expect(await why(1).contains("read_file cannot be undone"))
            #expect(await why(2).contains("had 101 bytes"))
            #expect(await why(3).contains("nothing to undo"))
            let detour = await why(4)
            #expect(detour.contains("\"..\"") || detour.contains("nothing to undo"), "\(detour)")
            #expect(entry.tools.map(\.undo) == [nil, nil, nil, nil, nil])
            #expect(await refusal { try await undo(bench, CallID(trusted: "nope"), by: anna) }?.code == .notFound)
        }
    }

    @Test func agentsCannotUndoOrPassTheHostsArguments() async throws {
        let bench = try await Workbench()
        try await bench.stage.run { stage in
            let anna = try await stage.person("anna")
            let (conversation, entry) = try await bench.run([Self.write], by: anna)
            let id = JSONValue.string(entry.tools[0].call.rawValue)
            let (_, tried) = try await bench.run(
                [
                    Call("write_file", ["path": "notes.txt", "undoes": id]),
                    Call("bash", ["command": "pwd", "directory": "/"]), Call("bash", ["command": "pwd", "expect": []]),
                ], by: anna, conversation: conversation)
            #expect(tried.tools.map(\.state) == [.denied, .denied, .denied])
            for name in ["undo", "host_restore", "host_evidence"] {
                let (_, entry) = try await bench.run(
                    [Call(name, ["path": "notes.txt"])], by: anna, conversation: conversation)
                #expect(entry.tools.isEmpty)
            }
            #expect(bench.read("notes.txt") == "one two three")
        }
    }

    @Test func nothingIsUndoneWhileTheAssistantWorks() async throws {
        let bench = try await Workbench()
        try await bench.stage.run { stage in
            let anna = try await stage.person("anna")
            let (conversation, entry) = try await bench.run([Self.write], by: anna)
            let busy = try await bench.say(
                [Call("bash", ["command": "touch begun; while [ ! -e stop ]; do sleep 0.05; done"])], by: anna,
                conversation: conversation)
            while bench.read("begun") == nil { await Task.yield() }
            let refused = await refusal { try await undo(bench, entry.tools[0].call, by: anna) }
            #expect(refused?.code == .conflict && refused?.message.contains("is working") == true)
            try bench.put("stop", "")
            _ = try await bench.answer(to: busy, for: anna)
        }
    }

    @Test func whatSaysThingsMeanwhileIsAnsweredAfterwards() async throws {
        let bench = try await Workbench()
        try await bench.stage.run { stage in
            let anna = try await stage.person("anna")
            let (conversation, entry) = try await bench.run([Self.write], by: anna)
            async let undone = undo(bench, entry.tools[0].call, by: anna)
            let receipt = try await bench.say([Call("glob", ["pattern": "*"])], by: anna, conversation: conversation)
            _ = try? await undone
            _ = try await bench.answer(to: receipt, for: anna)
        }
    }
}
