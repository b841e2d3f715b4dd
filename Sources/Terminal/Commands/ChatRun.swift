internal import Glibc
internal import Markdown
internal import Synchronization

/// `bulkhead chat` in its three forms: at a terminal, one message with `--once`, and line by line from a pipe.
package enum ChatRun {
    package static func run(at location: DaemonLocation, _ options: ChatOptions) async -> Int32 {
        await CommandResult.status(json: options.json) {
            try options.check()
            let text = try options.once.map { $0 == "-" ? try StandardInput.all() : $0 }
            if let text, text.allSatisfy(\.isWhitespace), options.attach.isEmpty {
                throw TerminalError(.usage, "The message is empty.")
            }
            return try await APIClient.with(socketPath: location.consoleSocket, onBehalfOf: options.user) { client in
                let account = try await account(client)
                let destination = try ChatDestination.find(
                    channel: options.channel, thread: options.thread, in: try await client.channels())
                if let text { return try await once(text, client, destination, options) }
                if TerminalDevice.standard.isInteractive {
                    try await InteractiveChat(client: client).run(account: account, destination: destination)
                    return 0
                }
                return try await piped(client, destination, options)
            }
        }
    }

    private static func account(_ client: APIClient) async throws -> Account {
        do {
            return try await client.account()
        } catch let error as TerminalError where error.code == .notFound && client.onBehalfOf != nil {
            // Nobody of that name: the command line's mistake, like an unknown channel.
            throw TerminalError(.usage, error.message)
        }
    }

    private static func once(
        _ text: String, _ client: APIClient, _ destination: ChatDestination, _ options: ChatOptions
    ) async throws -> Int32 {
        var attachments: [String] = []
        for path in options.attach {
            let file = try LocalFile.read(path)
            attachments.append(try await client.upload(name: file.name, bytes: file.bytes).id)
        }
        let turn = try await InterruptibleTurn(
            runner: runner(client, destination, options), timeout: options.timeout
        ).run(text, conversation: destination.conversation?.id, attachments: attachments)
        if options.json { CommandResult.printJSON(turn.json) } else { show(turn) }
        return turn.isAnswered ? 0 : 1
    }

    /// Every line is a message; the thread goes on from line to line.
    private static func piped(
        _ client: APIClient, _ destination: ChatDestination, _ options: ChatOptions
    ) async throws -> Int32 {
        var conversation = destination.conversation?.id
        var status: Int32 = 0
        while let line = try await StandardInput.line() {
            guard !line.allSatisfy(\.isWhitespace) else { continue }
            let turn = try await InterruptibleTurn(runner: runner(client, destination, options), timeout: nil)
                .run(line, conversation: conversation, attachments: [])
            conversation = turn.receipt.conversation
            show(turn)
            if !turn.isAnswered { status = 1 }
        }
        return status
    }

    private static func runner(
        _ client: APIClient, _ destination: ChatDestination, _ options: ChatOptions
    ) -> TurnRunner {
        // Standard input is where the answer to a question would come from, so it must be free for it.
        let someoneIsThere = isatty(STDIN_FILENO) == 1 && isatty(STDERR_FILENO) == 1 && options.user == nil
        let isQuiet = options.json
        var runner = TurnRunner(
            client: client, channel: destination.channel, approve: options.approve ?? (someoneIsThere ? .ask : .deny)
        ) { lines in
            // With --json the calls are in the result; questions are still worth a line.
            if !isQuiet || someoneIsThere { TerminalDevice.print(lines, to: STDERR_FILENO) }
        }
        runner.tier = options.tier
        return runner
    }

    private static func show(_ turn: Turn) {
        guard let reply = turn.reply else { return }
        let files = EntryText.attachments(reply, firstNumber: 1)
        guard reply.kind == .assistant else {
            TerminalDevice.print(EntryText.body(reply, isOwn: false, width: 100), to: STDERR_FILENO)
            return
        }
        if let width = TerminalDevice.width(of: STDOUT_FILENO) {
            TerminalDevice.print(MarkdownStream.render(reply.text, width: width), to: STDOUT_FILENO)
        } else {
            TerminalDevice.write(VisibleText.multiline(reply.text) + "\n", to: STDOUT_FILENO)
        }
        TerminalDevice.print(files, to: STDERR_FILENO)
    }
}
