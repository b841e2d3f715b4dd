internal import Glibc

/// The chat at a terminal: wires keys, the daemon's events and the clock to a ``ChatModel`` and draws what it shows.
package struct InteractiveChat: Sendable {
    private enum Input: Sendable {
        case model(ChatModel.Input)
        case terminated
    }

    private let client: APIClient
    private let device: TerminalDevice

    package init(client: APIClient, device: TerminalDevice = .standard) {
        self.client = client
        self.device = device
    }

    package func run(account: Account, destination: ChatDestination) async throws {
        let raw = RawMode(device)
        guard raw.enter() else { throw TerminalError(.usage, "This needs a terminal; see --once for scripts.") }
        defer { raw.leave() }
        let inputs = Mailbox<Input>(capacity: 256)
        let requests = Mailbox<ChatRequest>(capacity: 64)
        let model = ChatModel(
            account: account, channel: destination.channel, conversation: destination.conversation,
            isOnBehalf: client.onBehalfOf != nil, frame: frame())
        await withTaskGroup(of: Void.self) { group in
            group.addTask {
                for await key in KeyReader.keys(from: device.input) { await inputs.send(.model(.key(key))) }
                await inputs.send(.terminated)
            }
            group.addTask {
                for await number in SignalStream.signals([SIGWINCH, SIGTERM, SIGHUP, SIGINT]) {
                    await inputs.send(number == SIGWINCH ? .model(.redraw) : .terminated)
                }
            }
            group.addTask {
                // The spinner, and the seconds beside it.
                while (try? await Task.sleep(for: .milliseconds(120))) != nil { await inputs.send(.model(.redraw)) }
            }
            group.addTask {
                await RequestWorker(client: client).run(requests) { await inputs.send(.model(.result($0))) }
            }
            await converse(model, inputs, requests, raw)
            await requests.close()
            group.cancelAll()
        }
    }

    private func converse(
        _ model: ChatModel, _ inputs: Mailbox<Input>, _ requests: Mailbox<ChatRequest>, _ raw: RawMode
    ) async {
        var model = model
        var screen = LiveScreen(descriptor: device.output, styled: TerminalDevice.isStyled(device.output))
        var follower: Task<Void, Never>?
        var effects = model.opening()
        conversation: while true {
            var lines: [StyledLine] = []
            var isLeaving = false
            for effect in effects {
                switch effect {
                case .print(let more): lines += more
                case .perform(let request): await requests.send(request)
                case .follow(let conversation, let sequence):
                    follower?.cancel()
                    follower = Task { await follow(conversation, after: sequence, inputs) }
                case .unfollow:
                    follower?.cancel()
                    follower = nil
                case .suspend:
                    screen.clear(columns: frame().columns)
                    raw.suspend()
                case .leave: isLeaving = true
                }
            }
            draw(model, lines, &screen)
            if isLeaving { break }
            guard case .model(let input)? = await inputs.next() else { break conversation }
            effects = model.handle(input, in: frame())
        }
        follower?.cancel()
        // Before waiting for it: it may itself be waiting for room in there.
        await inputs.close()
        await follower?.value
        screen.clear(columns: frame().columns)
        if let conversation = model.conversation {
            TerminalDevice.print(
                [StyledLine("To go on later: bulkhead chat --thread \(conversation)", .dim)], to: device.output)
        }
    }

    private func follow(_ conversation: String, after sequence: Int64, _ inputs: Mailbox<Input>) async {
        do {
            try await ConversationFollower(client: client, conversation: conversation).run(after: sequence) { update in
                switch update {
                case .event(let event): await inputs.send(.model(.event(event, conversation: conversation)))
                case .connected: await inputs.send(.model(.connection(isUp: true)))
                case .disconnected: await inputs.send(.model(.connection(isUp: false)))
                }
            }
        } catch let error as TerminalError {
            await inputs.send(.model(.followingFailed(error.message, conversation: conversation)))
        } catch {
            // Cancelled: another thread is followed now, or the chat is over.
        }
    }

    private func frame() -> ChatModel.Frame {
        let size = TerminalDevice.size(of: device.output)
        return ChatModel.Frame(columns: size.columns, rows: size.rows)
    }

    private func draw(_ model: ChatModel, _ lines: [StyledLine], _ screen: inout LiveScreen) {
        let frame = frame()
        let view = model.view(in: frame)
        screen.update(
            finished: lines, live: view.lines, row: view.row, column: view.column, columns: frame.columns,
            rows: frame.rows)
    }
}
