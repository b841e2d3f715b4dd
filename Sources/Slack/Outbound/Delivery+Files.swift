internal import MCP
internal import Logging
internal import Model
internal import SlackAPI
internal import Store

// Files follow the words they came with. Slack shows a file once it is shared; its id, kept before that, tells later
// whether it was.
extension Delivery {
    func carryFiles(of entry: TranscriptEntry, _ rendered: RenderedEntry, to place: SlackAddress) async throws {
        if let whole = rendered.whole {
            try await carry(record.message.rawValue, named: whole.name, to: place) { whole.bytes }
        }
        for file in entry.attachments {
            try await carry(file.id.rawValue, named: file.name, to: place) {
                try await tools.database.attachmentBytes(file.id, limit: tools.fileBytes)
            }
        }
    }

    private func carry(
        _ subject: String, named name: String, to place: SlackAddress, bytes: () async throws -> [UInt8]
    ) async throws {
        let post = try await tools.database.intendPost(
            .file, of: subject, channel: place.channel, thread: place.thread?.text)
        guard post.state == .intended else { return }
        if let id = post.reference, try await isShared(id, in: place.channel, since: post.created) {
            return try await tools.database.changePost(post.id, to: .up)
        }
        do {
            let content = try await bytes()
            // Slack takes no empty file.
            let id = try await tools.slack.sendBytes(
                SlackUpload(name: name, bytes: content.isEmpty ? [UInt8(ascii: "\n")] : content))
            try await tools.database.changePost(post.id, to: .intended, reference: id)
            try await tools.slack.share([(id, name)], channel: place.channel, thread: place.thread?.text)
        } catch let error as SlackError where error.kind == .permanent || error.code == "missing_scope" {
            // The words stand there; a file that Slack will not have is still to be had in the web chat.
            tools.logger.error("a file could not be posted", metadata: ["file": "\(subject)", "error": "\(error)"])
            return try await tools.database.changePost(post.id, to: .ended)
        }
        try await tools.database.changePost(post.id, to: .up)
    }

    /// How long Slack may take from sharing a file to telling where.
    private static let sharing: Duration = .seconds(60)

    private func isShared(_ id: String, in channel: String, since created: Timestamp) async throws -> Bool {
        let file: SlackFile
        do {
            file = try await tools.slack.fileInfo(id)
        } catch let error as SlackError where error.kind == .notThere {
            // Its bytes were sent, and nobody was told of it: as if nothing had been.
            return false
        }
        if file.isShared(in: channel) { return true }
        guard tools.time.now().duration(since: created) < Self.sharing else { return false }
        throw SlackError(
            .transient, "file_pending", method: "files.info", "Slack does not say yet where the file is shown.")
    }
}

extension SlackFile {
    /// https://docs.slack.dev/reference/objects/file-object: `shares` by visibility, then by channel.
    func isShared(in channel: String) -> Bool {
        (json["shares"]?.objectValue ?? [:]).contains { $0.value[channel]?.arrayValue?.isEmpty == false }
    }
}
