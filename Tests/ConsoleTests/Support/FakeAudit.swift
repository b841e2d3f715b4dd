import Console
import MCP
import Model

/// An audit trail of twelve rows.
struct FakeAudit: AuditReader {
    func witnesses() async throws -> [JSONObject] { [] }

    func match(row: Int64, pointer: String, value: String, by person: PersonID) async throws -> JSONObject {
        ["match": .bool(value == "right")]
    }

    func rows(_ filter: AuditFilter) async throws -> [JSONObject] {
        let tools = ["read_file", "bash", "write_file", "send_mail"]
        let all: [JSONObject] = (1...12).map { number in
            let tool = tools[number % 4]
            return [
                "seq": .int(Int64(number)), "at": .string("2026-11-22T15:\(number + 10):07.123Z"), "kind": "outcome",
                "person": .string(number % 3 == 0 ? "Ben Okri" : "Ada Lovelace"), "session": "s-1",
                "tool": .string(tool),
                "arguments": .object(
                    tool == "bash"
                        ? ["command": "python3 totals.py --month 2026-10"] : ["path": "reports/q3/totals.csv"]),
                "decision": .string(tool == "send_mail" ? "ask" : number == 5 ? "deny" : "allow"),
                "rule": .string(tool == "send_mail" ? "mail leaves (policy.yaml:14)" : "workspace (policy.yaml:3)"),
                "outcome": "ok", "duration_ms": .int(Int64(number * 37)), "digest": "6f1ed002ab5595859014ebf0951522d9",
            ]
        }
        let matching = all.filter { row in
            guard let number = row["seq"]?.intValue else { return false }
            return number > filter.after ?? 0 && number < filter.before ?? .max
                && (filter.tool == nil || row["tool"]?.stringValue == filter.tool)
                && (filter.person == nil || row["person"]?.stringValue == filter.person)
        }
        return Array((filter.newestFirst ? matching.reversed() : matching).prefix(filter.limit))
    }

    func verify(lines: [String]) async throws -> JSONObject {
        [
            "ok": true, "rows": 12, "provable_to": 12, "provable_at": "2026-11-22T15:22:07.123Z",
            "head": "6f1ed002ab5595859014ebf0951522d9e2b5e1a6",
        ]
    }
}
