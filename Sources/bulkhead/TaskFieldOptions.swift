import ArgumentParser
import MCP

/// What a task is, as options.
struct TaskFieldOptions: ParsableArguments {
    @Option(help: ArgumentHelp("What it is to do, each time.", valueName: "text"))
    var prompt: String?

    @Option(
        help: ArgumentHelp("When it runs, in five fields, such as '0 9 * * 1-5'; with --zone.", valueName: "expression")
    )
    var cron: String?

    @Option(help: ArgumentHelp("Every so many seconds, or such as 15m, 6h, 2d; counted from now.", valueName: "time"))
    var every: String?

    @Option(help: ArgumentHelp("Once, such as 2027-01-31T09:00; with --zone.", valueName: "time"))
    var at: String?

    @Option(help: ArgumentHelp("When something happens: webhook.", valueName: "event"))
    var on: String?

    @Option(help: ArgumentHelp("The time zone of --cron and --at.", valueName: "name"))
    var zone = "UTC"

    @Option(help: ArgumentHelp("The channel it reports to; without it, oneself alone.", valueName: "name"))
    var channel: String?

    @Option(
        help: ArgumentHelp(
            "auto, acceptEdits, readOnly; bypassPermissions (Unattended) by an admin.", valueName: "mode"))
    var mode: String?

    @Option(help: ArgumentHelp("fast, balanced or best.", valueName: "tier"))
    var tier: String?

    @Option(help: ArgumentHelp("Times that passed while nothing ran: runOnce, skip, runAll:N.", valueName: "policy"))
    var missed: String?

    @Option(help: ArgumentHelp("Repetitions after a failure, 0 to 10.", valueName: "count"))
    var retry: Int64?

    @Option(help: ArgumentHelp("A bash script that says whether there is anything to do.", valueName: "script"))
    var check: String?

    @Option(help: ArgumentHelp("Rules of a monitor over the check's data, as JSON.", valueName: "json"))
    var monitor: String?

    @Option(help: ArgumentHelp("The most one run may cost, in dollars.", valueName: "amount"))
    var budget: Double?

    @Option(help: ArgumentHelp("The most minutes one run may take.", valueName: "minutes"))
    var deadline: Int64?

    var schedule: JSONValue? {
        if let cron { return ["kind": "cron", "expression": .string(cron), "zone": .string(zone)] }
        if let at { return ["kind": "once", "at": .string(at), "zone": .string(zone)] }
        if let on { return ["kind": "event", "on": .string(on)] }
        return every.map { ["kind": "interval", "seconds": Self.seconds($0).map { .int($0) } ?? .string($0)] }
    }

    private static func seconds(_ text: String) -> Int64? {
        let units: [Character: Int64] = ["s": 1, "m": 60, "h": 3600, "d": 86_400]
        guard let unit = text.last.flatMap({ units[$0] }) else { return Int64(text) }
        return Int64(text.dropLast()).flatMap { $0 > 10_000_000 ? nil : $0 * unit }
    }

    func validate() throws {
        guard [cron, every, at, on].count(where: { $0 != nil }) <= 1 else {
            throw ValidationError("One of --cron, --every, --at and --on.")
        }
    }

    var object: JSONObject {
        get throws {
            var object: JSONObject = [:]
            for (key, value) in [
                ("prompt", prompt), ("channel", channel), ("mode", mode), ("tier", tier), ("missed", missed),
                ("check", check),
            ] {
                object[key] = value.map { .string($0) }
            }
            object["schedule"] = schedule
            object["retry"] = retry.map { .int($0) }
            object["deadline_minutes"] = deadline.map { .int($0) }
            object["budget_usd"] = budget.map { .double($0) }
            if let monitor {
                guard let rules = try? JSONValue(parsing: monitor) else {
                    throw ValidationError("--monitor takes JSON, such as {} or {\"ignore\": [\"/time\"]}.")
                }
                object["monitor"] = rules
            }
            return object
        }
    }
}
