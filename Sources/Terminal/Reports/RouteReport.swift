internal import Glibc
internal import MCP
internal import Routing

/// `bulkhead route`: what the router makes of prompts, without a daemon.
package enum RouteReport {
    /// All of standard input is one prompt.
    package static func one(explain: Bool) async -> Int32 {
        await CommandResult.status {
            let text = try StandardInput.all()
            guard text.contains(where: { !$0.isWhitespace }) else {
                throw TerminalError(.usage, "Standard input is empty: a prompt goes there.")
            }
            let decision = Router().decide(text)
            var lines = [StyledLine("\(decision.tier.rawValue) \(Self.rounded(decision.score))")]
            if explain { lines += Self.explanation(decision) }
            TerminalDevice.print(lines, to: STDOUT_FILENO)
            return 0
        }
    }

    /// A JSON object a line. Good lines are answered in order, whatever stands between them; 2 where one was not good.
    package static func lines(explain: Bool) async -> Int32 {
        await CommandResult.status {
            let router = Router()
            var status: Int32 = 0
            var number = 0
            while let bytes = StandardInput.bytesOfLine() {
                number += 1
                do throws(RoutePrompt.Wrong) {
                    let request = try RoutePrompt(bytes)
                    CommandResult.printJSON(
                        Self.answer(router.decide(request.prompt), to: request.id, explain: explain))
                } catch {
                    TerminalDevice.print(
                        StyledLine.lines(of: "bulkhead: line \(number): \(error.reason)"), to: STDERR_FILENO)
                    status = 2
                }
            }
            return status
        }
    }

    private static func answer(_ decision: RouteDecision, to id: JSONValue, explain: Bool) -> JSONValue {
        var object: JSONObject = [
            "id": id, "tier": .string(decision.tier.rawValue), "score": .double(decision.score),
        ]
        guard explain else { return .object(object) }
        var features = JSONObject()
        for feature in TextFeature.allCases { features[feature.rawValue] = .double(decision.text[feature]) }
        object["features"] = .object(features)
        object["reason"] = .string(decision.reason)
        object["version"] = .int(Int64(decision.version))
        return .object(object)
    }

    private static func explanation(_ decision: RouteDecision) -> [StyledLine] {
        let rows = decision.parts.map { part in
            [StyledLine("\(part.shift > 0 ? "+" : "−")\(rounded(abs(part.shift)))"), StyledLine(part.words)]
        }
        let columns = [TextTable.Column("log odds", alignment: .trailing), TextTable.Column("what moved it")]
        return [StyledLine(decision.reason)] + TextTable(columns: columns, rows: rows).lines(width: nil)
    }

    /// Two digits behind the point.
    static func rounded(_ value: Double) -> String {
        let hundredths = Int((value * 100).rounded())
        let rest = hundredths % 100
        return "\(hundredths / 100).\(rest < 10 ? "0" : "")\(rest)"
    }
}

/// `{"id": …, "prompt": "…"}`; other members are passed over.
struct RoutePrompt {
    struct Wrong: Error {
        var reason: String
    }

    /// A string or a whole number, answered as it came.
    var id: JSONValue
    var prompt: String

    init(_ line: [UInt8]) throws(Wrong) {
        let value: JSONValue
        do {
            value = try JSONValue(parsing: line)
        } catch {
            throw Wrong(reason: "no JSON: \(error)")
        }
        guard let object = value.objectValue else { throw Wrong(reason: "not an object with id and prompt") }
        switch object["id"] {
        case .string?, .int?: id = object["id"] ?? .null
        default: throw Wrong(reason: "no \"id\" that is a string or a whole number")
        }
        guard let text = object["prompt"]?.stringValue else { throw Wrong(reason: "no \"prompt\" that is a string") }
        prompt = text
    }
}
