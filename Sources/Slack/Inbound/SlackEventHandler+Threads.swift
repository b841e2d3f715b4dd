internal import Conversations
internal import MCP
internal import Model
internal import SlackAPI
internal import Store

// Which conversation a message belongs to, and what was said there before.
extension SlackEventHandler {
    /// The thread's conversation. A new one begins with what was said in the thread until now: known, and no question.
    func conversation(of message: SlackUtterance, in place: ChannelID, text: String) async throws -> ConversationID {
        let thread = message.conversationThread
        var draft = SlackThreadDraft(
            channel: message.channel, thread: thread, place: place, firstText: text, seen: message.ts.text)
        if thread.isEmpty {
            draft.silence = options.silence
        } else if let root = message.thread,
            try await database.slackThread(thread, in: message.channel) == nil
        {
            (draft.lines, draft.speakers) = try await seeds(
                of: root, in: message.channel, before: message.ts, place: place)
        }
        if !thread.isEmpty { try await reconsiderReplies(to: message) }
        return try await database.openSlackThread(draft)
    }

    /// What was said after a message may have come before it, when it was nobody's: a reply in a thread that the assistant
    /// had nothing to do with, or that others had joined. Before the message is taken, so that a crash between the two
    /// forgets none of them; what was taken before is not taken twice. Words for the machinery were obeyed, once.
    private func reconsiderReplies(to message: SlackUtterance) async throws {
        let lane = SlackEvent.lane(message.channel, message.conversationThread)
        guard try await database.isSlackEventDone(in: lane, saidAfter: message.ts.text, at: message.ts.time) else {
            return
        }
        let said = try await parts.workspace.replies(
            in: message.thread ?? message.ts, of: message.channel, after: message.ts, before: nil,
            limit: Self.reconsidered)
        let now = parts.clock.now()
        let later = said.filter { json in
            SlackUtterance(json, channel: message.channel).map { $0.ts > message.ts && SlackWord($0.text) == nil }
                ?? false
        }
        try await database.reopenSlackEvents(
            later.compactMap { SlackEvent.draft(ofHistory: $0, in: message.channel, received: now) })
    }

    private static let reconsidered = 50

    /// What stands in a thread before `time`: its newest lines, as far as there is room, and the one that opened it.
    func seeds(
        of root: SlackTimestamp, in channel: String, before time: SlackTimestamp, place: ChannelID
    ) async throws -> (lines: [HeardLine], speakers: [String: String]) {
        var said = try await parts.workspace.replies(
            in: root, of: channel, after: nil, before: time, limit: options.seedLines)
        // In a direct conversation the thread hangs on something said at top level: with what led to it.
        if channel.hasPrefix("D") {
            said =
                try await parts.workspace.history(
                    of: channel, after: nil, before: root, limit: options.seedLines / 2) + said
        }
        var lines: [HeardLine] = []
        var speakers: [String: String] = [:]
        for json in said {
            guard let one = SlackUtterance(json, channel: channel), one.ts < time, !one.isHidden else {
                continue
            }
            let author = try await author(of: one)
            let verdict = Engagement.decide(
                Engagement.Question(
                    author: author.kind, place: .channel, subtype: one.subtype, hasFiles: !one.files.isEmpty,
                    text: one.text),
                by: EngagementRules())
            if case .ignore(let reason) = verdict, reason != .ourselves, reason != .deactivated { continue }
            if author.kind != .ourselves { speakers[author.account] = speakers[author.account] ?? one.ts.text }
            guard var line = try await line(of: one, by: author) else { continue }
            // A line of another conversation, of which this one has a copy.
            if one.isDirect, one.thread == nil { line.eventID += "#\(root.text)" }
            lines.append(line)
        }
        let screened = try await parts.conversations.screened(lines, in: place)
        return (fitting(screened), speakers)
    }

    /// The first line and the newest ones, within the bounds.
    private func fitting(_ lines: [HeardLine]) -> [HeardLine] {
        guard let first = lines.first else { return [] }
        var room = options.seedCharacters - first.text.count
        var kept: [HeardLine] = []
        for line in lines.dropFirst().reversed() {
            room -= line.text.count
            guard room >= 0, kept.count + 1 < options.seedLines else { break }
            kept.append(line)
        }
        var opening = first
        opening.text = String(first.text.prefix(options.seedCharacters))
        return [opening] + kept.reversed()
    }
}
