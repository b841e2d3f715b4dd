internal import MCP
internal import Model
internal import SlackAPI
internal import Store

// The messages in which a turn shows itself. Each is written down before it is made, so that none is left behind.
extension TurnSigns {
    static let eventType = "bulkhead_progress"

    func show(_ step: TurnDisplay.Step, of turn: MessageID) async throws {
        let now = tools.time.now()
        let kind = CallBudget.Kind(step)
        guard kind.map({ tools.budget.take($0, at: now) }) ?? true else {
            return display.postpone(step, until: later(.seconds(2)))
        }
        do {
            switch step {
            case .status(let text): try await showStatus(text, of: turn)
            case .progress(let line, let draft): try await showProgress(line, draft, of: turn)
            case .startStream(let text): try await startStream(text, of: turn)
            case .append(let text): try await append(text)
            case .retract: try await retract()
            case .check, .wait: break
            }
            if kind != .status { display.did(step, at: tools.time.now()) }
        } catch let error as SlackError {
            if let kind { tools.note(error, of: kind) }
            failed(step, error)
        }
    }

    private func failed(_ step: TurnDisplay.Step, _ error: SlackError) {
        // Where it is not known what came of it, nothing more is tried of that kind: the row says that there may be one.
        let isOver = error.kind != .transient
        switch step {
        // Where one was there somebody has deleted it: that one wants none.
        case .progress where isOver: display.means.progress = false
        case .startStream where isOver, .append where isOver: display.streamBroke()
        case .retract where isOver: display.did(.retract, at: tools.time.now())
        default: display.postpone(step, until: later(max(.seconds(5), error.retryAfter ?? .zero)))
        }
    }

    private func showProgress(_ line: String, _ draft: String, of turn: MessageID) async throws {
        let reference = draft.isEmpty ? "words" : SlackPostRecord.draftReference
        let message = ProgressMessage(line, draft: draft, stops: conversation)
        let row = try await intend(.progress, of: turn)
        if let ts = row.ts, row.state == .up { posts[.progress] = (row.id, SlackPosted(channel: row.channel, ts: ts)) }
        if let (id, posted) = posts[.progress] {
            // Before it shows one: an answer that comes after a crash finds it so.
            try await tools.database.changePost(id, to: .up, reference: reference)
            return try await tools.slack.update(
                posted, text: message.text, blocks: message.blocks, metadata: nil)
        }
        if row.state == .ended { try await tools.database.changePost(row.id, to: .intended) }
        let posted = try await tools.slack.post(
            SlackPost(
                channel: place.channel, text: message.text, blocks: message.blocks, thread: place.thread?.text,
                metadata: SlackMetadata(eventType: Self.eventType, payload: ["turn": .string(turn.rawValue)]),
                face: await tools.face(place)))
        try await tools.database.changePost(row.id, to: .up, ts: posted.ts, reference: reference)
        posts[.progress] = (row.id, posted)
    }

    private func startStream(_ text: String, of turn: MessageID) async throws {
        let row = try await intend(.stream, of: turn)
        if let ts = row.ts, row.state == .up {
            // Of an earlier try at this turn.
            posts[.stream] = (row.id, SlackPosted(channel: row.channel, ts: ts))
            try await retract()
        }
        try await tools.database.changePost(row.id, to: .intended)
        do {
            let posted = try await tools.slack.startStream(
                channel: place.channel, thread: place.thread?.text,
                recipient: place.channel.hasPrefix("D") ? nil : recipient, markdown: DraftText.markdown(text),
                face: await tools.face(place)
            )
            try await tools.database.changePost(row.id, to: .up, ts: posted.ts)
            posts[.stream] = (row.id, posted)
        } catch let error as SlackError where error.kind != .unknownOutcome {
            try await tools.database.changePost(row.id, to: .ended)
            throw error
        }
    }

    private func append(_ text: String) async throws {
        guard let (_, posted) = posts[.stream] else { return display.streamBroke() }
        try await tools.slack.appendStream(posted, markdown: DraftText.markdown(text))
    }

    /// What turned out to be nobody's but the requester's business is not left standing.
    private func retract() async throws {
        guard let (id, posted) = posts[.stream] else { return }
        do {
            try await tools.slack.stopStream(posted, markdown: "", blocks: nil, metadata: nil)
        } catch let error as SlackError where error.kind != .transient {
            // Stopped by its reader, or by Slack: it is deleted all the same.
        }
        try await tools.slack.delete(posted)
        try await tools.database.changePost(id, to: .ended)
        posts[.stream] = nil
    }

    /// Or what an earlier try at the turn left there.
    private func intend(_ kind: SlackPostRecord.Kind, of turn: MessageID) async throws -> SlackPostRecord {
        try await tools.database.intendPost(
            kind, of: turn.rawValue, channel: place.channel, thread: place.thread?.text)
    }
}

extension CallBudget.Kind {
    init?(_ step: TurnDisplay.Step) {
        switch step {
        case .status: self = .status
        case .progress: self = .progress
        case .startStream: self = .stream
        case .append: self = .append
        // What takes something back is not to be left out.
        case .retract, .check, .wait: return nil
        }
    }
}
