import MCP
import Store

/// Cuts a result to what an agent's context can hold. What is cut is kept whole elsewhere, and the agent is told where.
struct ResultLimiter: Sendable {
    let limits: GateLimits
    let keeper: any OversizeKeeper

    func limit(_ result: CallToolResult, of call: CallRequest) async -> CallToolResult {
        var result = result
        result.content = result.content.map(limitPart)
        var text = result.text
        if let structured = result.structuredContent {
            let json = structured.text
            // Some clients show the model this in place of the text: both have to fit.
            if json.utf8.count > limits.resultBytes {
                result.structuredContent = nil
                if text.isEmpty { text = json }
            }
        }
        guard text.utf8.count > limits.resultBytes else { return result }
        result.structuredContent = nil
        result.content = [.text(await shortened(text, of: call))] + result.content.filter { $0.text == nil }
        return result
    }

    private func shortened(_ text: String, of call: CallRequest) async -> String {
        let size = text.utf8.count
        let place: String
        do {
            place = "The whole is in \(try await keeper.keep(text, call: call))"
        } catch {
            place = "The whole could not be kept (\(error))"
        }
        let head = text.cut(to: limits.headBytes, ending: "")
        let note = "[… \(size) bytes in all, the middle is left out. \(place) …]"
        return head + "\n\n" + note + "\n\n" + text.lastBytes(limits.tailBytes)
    }

    private func limitPart(_ part: Content) -> Content {
        if part.text != nil { return part }
        let size = part.json.serialized().count
        guard size > limits.partBytes else { return part }
        return .text("[A part of \(size) bytes that is no text was left out: the limit is \(limits.partBytes).]")
    }
}

extension String {
    /// At most the last `count` bytes of UTF-8, cut between characters.
    func lastBytes(_ count: Int) -> String {
        guard utf8.count > count else { return self }
        var index = utf8.index(endIndex, offsetBy: -count)
        while index < endIndex, index.samePosition(in: unicodeScalars) == nil { index = utf8.index(after: index) }
        return String(self[index...])
    }
}
