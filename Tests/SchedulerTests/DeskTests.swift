import MCP
import Model
import Scheduler
import Store
import Testing

@Suite struct DeskTests {
    private static let daily: JSONValue = ["kind": "cron", "expression": "0 9 * * *", "zone": "Europe/Berlin"]

    private func refusal(_ body: () async throws -> Void) async -> String {
        do {
            try await body()
            return "nothing was refused"
        } catch {
            return "\(error)"
        }
    }

    @Test(
        arguments: [
            (["kind": "cron", "expression": "0 0 30 2 *", "zone": "UTC"], "never"),
            (["kind": "cron", "expression": "61 * * * *", "zone": "UTC"], "minute"),
            (["kind": "cron", "expression": "0 9 * * *", "zone": "Europe/Atlantis"], "Atlantis"),
            (["kind": "cron", "expression": "0 9 * * *"], "zone"),
            (["kind": "interval", "seconds": 0], "at least 60 seconds"),
            (["kind": "interval", "seconds": "often"], "wrong kind"),
            (["kind": "once", "at": "2020-01-01T00:00:00Z"], "is past"),
            (["kind": "once", "at": "2026-02-30T00:00:00Z"], ""),
            (["kind": "whenever"], "cron, interval, once or event"),
            ("every monday", "schedule is an object"),
        ] as [(JSONValue, String)])
    func aScheduleThatCannotBeIsRefusedWithWhatIsAllowed(schedule: JSONValue, words: String) async throws {
        let bench = try await Bench()
        let said = await refusal { _ = try await bench.task(schedule) }
        #expect(said != "nothing was refused" && (words.isEmpty || said.contains(words)), "\(said)")
        #expect(try await bench.desk.tasks(for: bench.anna.id).isEmpty)
    }

    @Test func whatIsTooLargeOrUnknownIsRefusedAndNothingIsHalfStored() async throws {
        let bench = try await Bench()
        let long = String(repeating: "a", count: 2 << 20)
        #expect(
            await refusal { _ = try await bench.task(Self.daily, ["prompt": .string(long)]) }.contains(
                "prompt has 1 to"))
        #expect(await refusal { _ = try await bench.task(Self.daily, ["promt": "x"]) }.contains("there is no promt"))
        #expect(await refusal { _ = try await bench.task(Self.daily, ["missed": "later"]) }.contains("runOnce"))
        #expect(await refusal { _ = try await bench.task(Self.daily, ["channel": "#nowhere"]) }.contains("no channel"))
        #expect(await refusal { _ = try await bench.task(Self.daily, ["mode": "sudo"]) }.contains("mode is"))
        #expect(await refusal { _ = try await bench.task(Self.daily, ["monitor": [:]]) }.contains("needs a check"))
        #expect(
            await refusal { _ = try await bench.task(Self.daily, ["context": "thread"]) }.contains(
                "needs a conversation"))
        #expect(try await bench.desk.tasks(for: bench.anna.id).isEmpty)
        #expect(bench.hands.events.isEmpty)
    }

    @Test func onePersonHasSoManyTasksAndNoMore() async throws {
        var limits = SchedulerLimits()
        limits.tasksPerPerson = 5
        let bench = try await Bench(limits: limits)
        let agent = TaskMaker.agent(
            [], try await bench.database.dmChannel(of: bench.anna.id).id, ConversationID(trusted: "c"))
        for number in 0..<5 { _ = try await bench.task(Self.daily, name: "t\(number)", by: agent) }
        #expect(
            await refusal { _ = try await bench.task(Self.daily, name: "t5", by: agent) }.contains("5 tasks at most"))
        #expect(await refusal { _ = try await bench.task(Self.daily, name: "T1") }.contains("5 tasks at most"))
        _ = try await bench.desk.cancel(try await bench.desk.find("t0", for: bench.anna.id).id, by: bench.anna.id)
        #expect(await refusal { _ = try await bench.task(Self.daily, name: "T1") }.contains("called T1 already"))
        _ = try await bench.task(Self.daily, name: "t0")
    }

    @Test func anothersTaskDoesNotExistAndAnAdminStopsEverybodys() async throws {
        let bench = try await Bench()
        let ben = try await bench.database.findOrCreatePerson(name: "ben", role: .member)
        let guest = try await bench.database.findOrCreatePerson(name: "gus", role: .guest)
        let task = try await bench.task(Self.daily)
        let bens = try await bench.task(Self.daily, name: "bens", owner: ben.id)
        #expect(await refusal { _ = try await bench.desk.task(task.id, for: ben.id) } == "there is no such task")
        #expect(await refusal { _ = try await bench.desk.pause(task.id, by: ben.id) } == "there is no such task")
        #expect(await refusal { _ = try await bench.desk.cancel(task.id, by: ben.id) } == "there is no such task")
        #expect(await refusal { _ = try await bench.desk.runNow(task.id, by: ben.id) } == "there is no such task")
        #expect(await refusal { _ = try await bench.desk.tasks(for: ben.id, all: true) }.contains("only admins"))
        #expect(await refusal { _ = try await bench.task(Self.daily, name: "g", owner: guest.id) }.contains("guests"))
        #expect(
            await refusal {
                _ = try await bench.desk.update(bens.id, ["prompt": "Other"], for: bench.anna.id, by: .person)
            }
            .contains("changed by its owner"))
        #expect(
            try await bench.desk.pause(bens.id, by: bench.anna.id, reason: "too much").reason == "by anna: too much")
    }

    @Test func onlyAnAdminInPersonLetsATaskRunUnattended() async throws {
        let bench = try await Bench(at: "2026-03-02T07:59:00.000Z")
        let ben = try await bench.database.findOrCreatePerson(name: "ben", role: .member)
        let unattended: JSONObject = ["mode": "bypassPermissions"]
        #expect(
            await refusal { _ = try await bench.task(Self.daily, owner: ben.id, unattended) }.contains("only an admin"))
        let agent = TaskMaker.agent(
            [], try await bench.database.dmChannel(of: bench.anna.id).id, ConversationID(trusted: "c"))
        #expect(await refusal { _ = try await bench.task(Self.daily, by: agent, unattended) }.contains("in person"))
        let task = try await bench.task(
            ["kind": "interval", "seconds": 3600, "anchor": "2026-03-02T00:00:00Z"], unattended)
        #expect(task.unattendedBy == bench.anna.id)
        // Other words are not what was marked.
        #expect(
            await refusal {
                _ = try await bench.desk.update(task.id, ["prompt": "Other"], for: bench.anna.id, by: agent)
            }
            .contains("in person"))
        await bench.pass(.seconds(120))
        let first = try #require(bench.hands.started.first)
        #expect(try await bench.database.conversation(first.conversation)?.mode == .bypassPermissions)
        // The mark holds as long as its admin is one.
        _ = try await bench.database.admit(bench.anna.id, as: .member)
        await bench.pass(.seconds(3600))
        let second = try #require(bench.hands.started.last)
        #expect(first.id != second.id)
        #expect(try await bench.database.conversation(second.conversation)?.mode == .auto)
    }

    @Test func whatAnAgentMakesIsNotItsOwnersWordsAndKeepsWhatItTouched() async throws {
        let bench = try await Bench(at: "2026-03-02T07:59:00.000Z")
        let dm = try await bench.database.dmChannel(of: bench.anna.id).id
        let agent = TaskMaker.agent(.untrusted, dm, ConversationID(trusted: "c"))
        let task = try await bench.task(
            ["kind": "interval", "seconds": 3600, "anchor": "2026-03-02T00:00:00Z"], by: agent)
        #expect(task.isRelayed && task.labels == .untrusted && task.origin == "agent")
        await bench.pass(.seconds(120))
        let message = try #require(bench.hands.started.first)
        #expect(message.isRelayed && message.labels.contains(.untrusted))
        // In the owner's own hand it is the owner's.
        let own = try await bench.desk.update(task.id, ["prompt": "My own words."], for: bench.anna.id, by: .person)
        #expect(!own.isRelayed && own.labels.isEmpty)
        let again = try await bench.desk.update(task.id, ["prompt": "Not mine."], for: bench.anna.id, by: agent)
        #expect(again.isRelayed && again.labels == .untrusted)
    }

    @Test func theTasksOfWhoeverLeavesArePaused() async throws {
        let bench = try await Bench(at: "2026-03-02T07:59:00.000Z")
        let ben = try await bench.database.findOrCreatePerson(name: "ben", role: .member)
        let task = try await bench.task(Self.daily, owner: ben.id)
        _ = try await bench.database.deactivate(ben.id)
        let after = try #require(try await bench.database.task(task.id))
        #expect(after.state == .paused && after.nextRun == nil)
        #expect(await refusal { _ = try await bench.desk.resume(task.id, by: bench.anna.id) }.contains("may not use"))
        await bench.pass(.seconds(86_400), step: .seconds(3600))
        #expect(bench.hands.started.isEmpty)
    }

    @Test func aChangeCountsFromNowOnAndRunsNothingOfBefore() async throws {
        let bench = try await Bench(at: "2026-03-02T07:30:00.000Z")
        let task = try await bench.task(Self.daily)
        await bench.pass(.seconds(3600))
        let changed = try await bench.desk.update(
            task.id, ["schedule": ["kind": "cron", "expression": "*/30 * * * *", "zone": "UTC"]], for: bench.anna.id,
            by: .person)
        #expect(changed.nextRun == Bench.time("2026-03-02T09:00:00.000Z"))
        await bench.pass(.seconds(3600))
        #expect(
            try await bench.runs(of: task).map(\.due.rfc3339) == [
                "2026-03-02T08:00:00.000Z", "2026-03-02T09:00:00.000Z", "2026-03-02T09:30:00.000Z",
            ])
    }

    @Test func aPausedTaskRunsNothingAndCatchesNothingUp() async throws {
        let bench = try await Bench(at: "2026-03-02T07:30:00.000Z")
        let task = try await bench.task(["kind": "interval", "seconds": 600, "anchor": "2026-03-02T00:00:00Z"])
        _ = try await bench.desk.pause(task.id, by: bench.anna.id)
        await bench.pass(.seconds(3600))
        #expect(try await bench.runs(of: task).isEmpty)
        _ = try await bench.desk.resume(task.id, by: bench.anna.id)
        await bench.pass(.seconds(660))
        #expect(try await bench.runs(of: task).map(\.due.rfc3339) == ["2026-03-02T08:40:00.000Z"])
        let run = try await bench.desk.runNow(task.id, by: bench.anna.id)
        #expect(run.cause == .now)
        #expect(await refusal { _ = try await bench.desk.runNow(task.id, by: bench.anna.id) }.contains("under way"))
    }
}
