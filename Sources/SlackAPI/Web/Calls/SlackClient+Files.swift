internal import MCP
internal import NIOHTTP1
internal import Synchronization

/// A file to be shown in a channel.
package struct SlackUpload: Hashable, Sendable {
    package var name: String
    package var title: String?
    package var bytes: [UInt8]

    package init(name: String, title: String? = nil, bytes: [UInt8]) {
        self.name = name
        self.title = title
        self.bytes = bytes
    }
}

extension SlackClient {
    package func fileInfo(_ id: String) async throws -> SlackFile {
        try read(try await call(.filesInfo, ["file": .string(id)])["file"], .filesInfo, "file", SlackFile.init)
    }

    /// Uploads files and shows them in one message, with `comment` above them. Until the last of the three steps nobody sees
    /// anything, and all may be repeated; that one throws `unknownOutcome` as posts do. No file may be empty.
    package func upload(
        _ files: [SlackUpload], channel: String, thread: String? = nil, comment: String? = nil
    ) async throws -> [SlackFile] {
        var entries: [JSONValue] = []
        for file in files {
            let id = try await sendBytes(file)
            entries.append(["id": .string(id), "title": .string(file.title ?? file.name)])
        }
        return try await share(entries, channel, thread, comment)
    }

    /// The last step alone, for files whose bytes were sent. Throws `unknownOutcome` as posts do.
    package func share(_ files: [(id: String, title: String)], channel: String, thread: String?) async throws {
        _ = try await share(
            files.map { ["id": .string($0.id), "title": .string($0.title)] }, channel, thread, nil)
    }

    private func share(
        _ entries: [JSONValue], _ channel: String, _ thread: String?, _ comment: String?
    ) async throws -> [SlackFile] {
        let answer = try await call(
            .filesCompleteUpload,
            [
                "files": .array(entries), "channel_id": .string(channel),
                "thread_ts": thread.map(JSONValue.string) ?? .null,
                "initial_comment": comment.map(JSONValue.string) ?? .null,
            ])
        return try AnswerReader(answer, "files.completeUploadExternal").list("files").compactMap(SlackFile.init)
    }

    package func deleteFile(_ id: String) async throws {
        try await accepting(["file_deleted", "file_not_found"]) {
            try await call(.filesDelete, ["file": .string(id)])
        }
    }

    /// The first two steps: the file's id, under which nobody sees anything yet. The token goes to the method alone, not to
    /// where the bytes go.
    package func sendBytes(_ file: SlackUpload) async throws -> String {
        let method = "files.upload"
        guard !file.bytes.isEmpty else {
            throw SlackError(.permanent, "empty_file", method: method, "Slack takes no empty file: \(file.name).")
        }
        var failures = 0
        while true {
            let place = try await call(
                .filesGetUploadURL, ["filename": .string(file.name), "length": .int(Int64(file.bytes.count))])
            let read = AnswerReader(place, "files.getUploadURLExternal")
            let id = try read.text("file_id")
            guard let url = SlackURL(try read.text("upload_url")), endpoint.takesUploads(url) else {
                throw SlackError(
                    .permanent, "refused_address", method: method, "The address for the bytes is not one of Slack's.")
            }
            do {
                let answer = try await exchange.send(
                    HTTPExchange.Request(
                        url: url, headers: [("content-type", "application/octet-stream")], body: file.bytes,
                        mostBytes: 64 << 10), within: limits.fileTransfer)
                guard answer.status == 200 else {
                    throw SlackError(
                        .transient, "http_\(answer.status)", method: method,
                        "Sending the bytes was answered with status \(answer.status).")
                }
                return id
            } catch {
                try Task.checkCancellation()
                failures += 1
                let error = error as? SlackError ?? Self.error(error, method, isRepeatable: true, at: url)
                // A fresh address each time: the old one may have been used.
                guard error.kind == .transient, failures < limits.tries else { throw error }
                try await clock.sleep(for: limits.backoff.wait(before: failures))
            }
        }
    }

    /// At most `mostBytes`; more is `too_large`, and nothing of it is given.
    package func download(_ file: SlackFile, mostBytes: Int) async throws -> [UInt8] {
        let method = "files.download"
        guard let address = file.downloadAddress, let url = SlackURL(address) else {
            throw SlackError(.notThere, "no_address", method: method, "Slack gives no address for \(file.id).")
        }
        guard endpoint.servesFiles(url, workspace: workspace.withLock { $0 }) else {
            throw SlackError(
                .permanent, "refused_address", method: method,
                "\(file.id) is kept at \(url), which is not Slack's: the token is not sent there.")
        }
        guard file.size ?? 0 <= mostBytes else { throw Self.tooLarge(method, mostBytes) }
        var failures = 0
        while true {
            do {
                let answer = try await exchange.send(
                    HTTPExchange.Request(
                        method: .GET, url: url, headers: try await authorization(method), mostBytes: mostBytes),
                    within: limits.fileTransfer)
                return try Self.bytes(answer, of: file)
            } catch HTTPExchange.Failure.tooLarge {
                throw Self.tooLarge(method, mostBytes)
            } catch {
                try Task.checkCancellation()
                failures += 1
                let error = error as? SlackError ?? Self.error(error, method, isRepeatable: true, at: url)
                guard error.kind == .transient, failures < limits.tries else { throw error }
                try await clock.sleep(for: error.retryAfter ?? limits.backoff.wait(before: failures))
            }
        }
    }

    /// Whom Slack does not let have a file, it sends to its sign-in page: such a page is not the file.
    private static func bytes(_ answer: HTTPExchange.Answer, of file: SlackFile) throws -> [UInt8] {
        let method = "files.download"
        let isPage =
            answer.header("content-type")?.lowercased().hasPrefix("text/html") == true
            && file.mimeType?.hasPrefix("text/html") != true
        switch answer.status {
        case 200 where !isPage: return answer.body
        case 200, 300..<400, 401, 403:
            throw SlackError(
                .auth, "sign_in", method: method,
                "Slack does not let the app have \(file.id): it lacks the scope files:read, or is not where the file is."
            )
        case 404, 410:
            throw SlackError(.notThere, "file_not_found", method: method, "\(file.id) is not there any more.")
        case 429:
            let pause = answer.header("retry-after").flatMap { Int64($0) } ?? 1
            throw SlackError(
                .transient, "ratelimited", method: method, "Slack asks for less of this.",
                retryAfter: .seconds(min(max(pause, 1), 60)))
        default:
            throw SlackError(
                .transient, "http_\(answer.status)", method: method, "It was answered with status \(answer.status).")
        }
    }

    private static func tooLarge(_ method: String, _ most: Int) -> SlackError {
        SlackError(.permanent, "too_large", method: method, "The file has more than the \(most) bytes that are taken.")
    }
}
