/// How the model is shown what people said: each message stands between tags that name the speaker.
///
///     <message from="Anna" at="2026-05-04T09:00:00Z">
///     the text
///     </message>
///
/// What was said to others in the conversation has ` to="others"` behind the name. No text can close its own tag or open another speaker's: where it says `<message` or `</message`, in any case and
/// with any spaces, the `<` becomes `&lt;`.
package enum SpokenText {
    package static func message(_ message: Receipt.Message) -> String {
        var lines = [opening(from: message.from, at: message.at), guarded(message.text)]
        for attachment in message.attachments {
            lines.append(
                "<attachment name=\"\(attribute(attachment.name))\" path=\"\(attribute(attachment.path))\" "
                    + "type=\"\(attribute(attachment.mime))\" bytes=\"\(attachment.bytes)\"/>")
        }
        lines.append("</message>")
        return lines.joined(separator: "\n")
    }

    package static func line(_ line: Receipt.Line) -> String {
        [opening(from: line.from, at: "", isToOthers: line.isToOthers), guarded(line.text), "</message>"].joined(
            separator: "\n")
    }

    /// Something the loop itself tells the model. Set apart from what people say by not being inside a message.
    package static func note(_ text: String) -> String { "[\(text)]" }

    private static func opening(from: String, at: String, isToOthers: Bool = false) -> String {
        let time = at.isEmpty ? "" : " at=\"\(attribute(at))\""
        let to = isToOthers ? " to=\"others\"" : ""
        return "<message from=\"\(attribute(from.isEmpty ? "unknown" : from))\"\(to)\(time)>"
    }

    /// Names and paths are other people's text too.
    private static func attribute(_ text: String) -> String {
        var result = ""
        for scalar in text.unicodeScalars.prefix(512) {
            switch scalar {
            case "\"": result += "&quot;"
            case "<": result += "&lt;"
            case ">": result += "&gt;"
            default:
                let isControl = scalar.value < 0x20 || (0x7F...0x9F).contains(scalar.value)
                let isLineBreak = scalar.value == 0x2028 || scalar.value == 0x2029
                result.unicodeScalars.append(isControl || isLineBreak ? " " : scalar)
            }
        }
        return result
    }

    package static func guarded(_ text: String) -> String {
        guard text.utf8.contains(UInt8(ascii: "<")) else { return text }
        let bytes = Array(text.utf8)
        var result: [UInt8] = []
        result.reserveCapacity(bytes.count + 64)
        for (position, byte) in bytes.enumerated() {
            if byte == UInt8(ascii: "<"), opensTag(bytes, after: position) {
                result.append(contentsOf: "&lt;".utf8)
            } else {
                result.append(byte)
            }
        }
        return String(decoding: result, as: UTF8.self)
    }

    private static func opensTag(_ bytes: [UInt8], after position: Int) -> Bool {
        var next = position + 1
        // A few spaces and slashes may stand before the name; more than that no reader takes for a tag.
        while next < bytes.count, next - position <= 16, bytes[next] <= 0x20 || bytes[next] == UInt8(ascii: "/") {
            next += 1
        }
        let rest = bytes[next...]
        return ["message", "attachment"].contains { name in
            rest.count >= name.utf8.count
                && zip(rest, name.utf8).allSatisfy { $0 | 0x20 == $1 }
        }
    }
}
