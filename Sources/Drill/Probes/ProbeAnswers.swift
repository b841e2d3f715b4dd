internal import MCP

/// What probes said of themselves. It comes out of a container in which anything may have run, so it is a claim: each
/// counts by the nonce that its probe alone was given, once, and two answers to one nonce are none.
package struct ProbeAnswers: Sendable {
    package struct Answer: Hashable, Sendable {
        package var wasRefused: Bool
        package var control: Bool
        package var detail: String
    }

    private var answers: [String: Answer] = [:]
    private var contested: Set<String> = []

    package static let maximumText = 1 << 20
    package static let maximumDetail = 200

    /// `nonces`: those that were given out.
    package init(_ text: String, nonces: Set<String>) {
        for line in text.utf8.prefix(Self.maximumText).split(separator: UInt8(ascii: "\n")) {
            guard line.first == UInt8(ascii: "{"), line.count <= 4096,
                let object = (try? JSONValue(parsing: Array(line), limits: JSONLimits(maximumDepth: 4)))?.objectValue,
                let nonce = object["nonce"]?.stringValue, nonces.contains(nonce),
                let refused = object["refused"]?.boolValue, let control = object["control"]?.boolValue
            else { continue }
            if answers[nonce] != nil { contested.insert(nonce) }
            let detail = object["detail"]?.stringValue ?? ""
            answers[nonce] = Answer(wasRefused: refused, control: control, detail: Self.plain(detail))
        }
    }

    package subscript(nonce: String) -> Answer? { contested.contains(nonce) ? nil : answers[nonce] }

    package func isContested(_ nonce: String) -> Bool { contested.contains(nonce) }

    /// One line of what can be printed anywhere.
    static func plain(_ text: String) -> String {
        String(
            String.UnicodeScalarView(
                text.unicodeScalars.prefix(maximumDetail).map {
                    (0x20..<0x7F).contains($0.value) ? $0 : " "
                }))
    }
}
