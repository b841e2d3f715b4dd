internal import MCP

/// What the script at the sandbox's end of the door saw.
struct DoorAnswer: Sendable {
    var said: String
    /// After a tunnel was opened.
    var more: String
    /// The door closed the connection, rather than falling silent.
    var ended: Bool
    var trouble: String

    /// Those that answer to a nonce, once; anything else is no answer.
    static func read(_ text: String, nonces: [String]) -> [DoorAnswer?] {
        var found: [String: [DoorAnswer]] = [:]
        for line in text.split(separator: "\n") where line.first == "{" {
            guard let object = (try? JSONValue(parsing: String(line)))?.objectValue,
                let nonce = object["nonce"]?.stringValue, nonces.contains(nonce),
                let said = object["said"]?.stringValue, let more = object["more"]?.stringValue,
                let ended = object["ended"]?.boolValue
            else { continue }
            found[nonce, default: []].append(
                DoorAnswer(
                    said: text64(said), more: text64(more), ended: ended,
                    trouble: ProbeAnswers.plain(object["trouble"]?.stringValue ?? "")))
        }
        return nonces.map { nonce in found[nonce].flatMap { $0.count == 1 ? $0.first : nil } }
    }

    var status: Int {
        let words = said.prefix(64).split(separator: " ")
        return words.count > 1 ? Int(words[1]) ?? 0 : 0
    }

    private static func text64(_ text: String) -> String {
        var (bytes, held, bits): ([UInt8], UInt32, UInt32) = ([], 0, 0)
        for character in text.utf8 {
            let value: UInt32
            switch character {
            case 0x41...0x5A: value = UInt32(character) - 0x41
            case 0x61...0x7A: value = UInt32(character) - 0x61 + 26
            case 0x30...0x39: value = UInt32(character) - 0x30 + 52
            case 0x2B: value = 62
            case 0x2F: value = 63
            default: continue
            }
            held = held << 6 | value
            bits += 6
            guard bits >= 8 else { continue }
            bits -= 8
            bytes.append(UInt8(truncatingIfNeeded: held >> bits))
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
