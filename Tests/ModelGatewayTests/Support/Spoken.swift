import MCP

/// What a conversation says, in words of neither API: who said which text, showed which image, asked for what, and what
/// came of it. Read from each API's form by itself, so that a translation can be held against its original.
struct Spoken {
    private(set) var lines: [String] = []

    // MARK: The Messages API

    init(messages request: JSONObject) {
        add("system", Self.blocks(request["system"] ?? "").compactMap { $0["text"]?.stringValue })
        for message in request["messages"]?.arrayValue ?? [] {
            let blocks = Self.blocks(message["content"] ?? "")
            guard message["role"] == "user" else {
                add("assistant", blocks.filter { $0["type"] == "text" }.compactMap { $0["text"]?.stringValue })
                for block in blocks where block["type"] == "tool_use" {
                    lines.append("asks \(block["id"]?.stringValue ?? "") \((block["input"] ?? .null).text)")
                    asked.append(block["id"]?.stringValue ?? "")
                }
                continue
            }
            var results: [String: JSONValue] = [:]
            for block in blocks where block["type"] == "tool_result" {
                results[block["tool_use_id"]?.stringValue ?? ""] = block
            }
            var shown: [String] = []
            for id in asked {
                let result = results[id]
                let parts = Self.blocks(result?["content"] ?? "")
                let texts = (result?["is_error"] == true ? ["The tool failed:"] : []) + parts.compactMap(Self.text)
                let images = parts.compactMap(Self.image)
                if !images.isEmpty { shown += ["Images that the tool call \(id) gave:"] + images }
                let note = images.isEmpty ? [] : ["(The images of this result are in the next message.)"]
                lines.append("result \(id) " + (texts + note).filter { !$0.isEmpty }.joined(separator: "\n\n"))
            }
            asked = []
            for block in blocks where block["type"] != "tool_result" {
                shown += [Self.text(block), Self.image(block)].compactMap { $0 }
            }
            add("user", shown)
        }
    }

    private var asked: [String] = []

    private static func blocks(_ content: JSONValue) -> [JSONValue] {
        content.stringValue.map { [["type": "text", "text": .string($0)]] } ?? content.arrayValue ?? []
    }

    private static func text(_ block: JSONValue) -> String? {
        block["text"]?.stringValue ?? (block["type"] == "document" ? block["source"]?["data"]?.stringValue : nil)
    }

    private static func image(_ block: JSONValue) -> String? {
        guard block["type"] == "image", let source = block["source"] else { return nil }
        return "[\(source["media_type"]?.stringValue ?? "") \(source["data"]?.stringValue ?? "")]"
    }

    // MARK: Chat completions

    init(chat body: JSONObject) {
        for message in body["messages"]?.arrayValue ?? [] {
            switch message["role"]?.stringValue {
            case "tool":
                lines.append(
                    "result \(message["tool_call_id"]?.stringValue ?? "") \(message["content"]?.stringValue ?? "")")
            case let role?:
                add(role, Self.parts(message["content"] ?? .null))
                for call in message["tool_calls"]?.arrayValue ?? [] {
                    let arguments = call["function"]?["arguments"]?.stringValue ?? ""
                    lines.append("asks \(call["id"]?.stringValue ?? "") \(arguments)")
                }
            case nil: lines.append("nobody")
            }
        }
    }

    private static func parts(_ content: JSONValue) -> [String] {
        if let text = content.stringValue { return [text] }
        return (content.arrayValue ?? []).compactMap { part in
            guard let url = part["image_url"]?["url"]?.stringValue else { return part["text"]?.stringValue }
            let halves = url.dropFirst("data:".count).components(separatedBy: ";base64,")
            return "[\(halves.joined(separator: " "))]"
        }
    }

    private mutating func add(_ role: String, _ parts: [String]) {
        let text = parts.filter { !$0.isEmpty }.joined(separator: "\n\n")
        if !text.isEmpty { lines.append("\(role): \(text)") }
    }
}

extension Substring {
    fileprivate func components(separatedBy separator: String) -> [String] {
        String(self).split(separator: separator).map(String.init)
    }
}
