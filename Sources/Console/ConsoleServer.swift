internal import Conversations
internal import Glibc
internal import Hummingbird
internal import Logging
internal import MCP
package import Model
internal import NIOCore
internal import ServiceLifecycle

/// The console: one HTTP API behind two doors, a loopback port for browsers and a Unix socket for the command line.
package struct ConsoleServer: Sendable {
    private let configuration: ConsoleConfiguration
    private let login: Login
    private let addresses = OpenAddresses()
    private let opening: Opening

    package init(_ configuration: ConsoleConfiguration) {
        self.configuration = configuration
        login = Login(configuration)
        opening = Opening(doors: configuration.socketPath == nil ? 1 : 2)
    }

    /// Serves until the task is cancelled or shut down gracefully. Throws a `ConsoleError` whose message says what to do
    /// where a door cannot be opened.
    package func run() async throws {
        do {
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { try await serveBrowsers() }
                if let path = configuration.socketPath { group.addTask { try await serveSocket(at: path) } }
                // Neither door is of use without the other: the first to end takes the other along.
                try await group.next()
                group.cancelAll()
            }
        } catch {
            opening.fail(with: error)
            throw error
        }
        opening.fail(with: ConsoleError(.unavailable, "The console has ended."))
    }

    /// The TCP port, once every door is open.
    package func listening() async throws -> Int { try await opening.port() }

    /// A link that signs `person` in, once; made by `issuer` where that is somebody else.
    package func loginLink(for person: PersonID, by issuer: PersonID? = nil) async throws -> String {
        _ = try await listening()
        return try link(to: try await login.makeTicket(for: person, by: issuer).token)
    }

    private func link(to token: Secret) throws -> String {
        try addresses.current.origin(preferring: configuration) + "/login?token=" + token.text
    }

    private func serveBrowsers() async throws {
        let host = configuration.host
        let app = Application(
            responder: browserResponder(),
            server: .http1(configuration: .init(idleTimeout: TimeAmount(configuration.limits.idle))),
            configuration: .init(address: .hostname(host, port: configuration.port)),
            onServerRunning: { channel in
                let port = channel.localAddress?.port ?? configuration.port
                open(port: port)
                opening.opened(port: port)
            },
            logger: configuration.logger)
        do {
            try await run(app)
        } catch let error as IOError {
            throw ConsoleError(.portTaken, Self.words(for: error, host: host, port: configuration.port))
        }
    }

    private func serveSocket(at path: String) async throws {
        guard path.utf8.count <= 107 else {
            throw ConsoleError(
                .socketUnusable,
                "The console's socket path has \(path.utf8.count) bytes and the system allows 107: \(path). Choose a "
                    + "data directory with a shorter path.")
        }
        let app = Application(
            responder: socketResponder(),
            server: .http1(configuration: .init(idleTimeout: TimeAmount(configuration.limits.idle))),
            configuration: .init(address: .unixDomainSocket(path: path)),
            onServerRunning: { _ in
                // Who may do what is decided by who the kernel says is at the other end; anybody may ask.
                chmod(path, Self.socketMode)
                opening.opened(port: nil)
            },
            logger: configuration.logger)
        do {
            try await run(app)
        } catch let error as IOError {
            throw ConsoleError(
                .socketUnusable,
                "The console's socket \(path) cannot be opened: \(String(cString: strerror(error.errnoCode))). Check "
                    + "that its directory exists and belongs to the service user.")
        }
        unlink(path)
    }

    /// Until cancelled. Hummingbird's server takes a cancelled task for a failure of its own and says so in the log; told
    /// to shut down it lets answers under way end and closes the rest. So it runs in a task that is not cancelled, and
    /// this one's cancellation becomes that word; `farewell` bounds how long it has.
    private func run(_ app: some ApplicationProtocol) async throws {
        var shape = ServiceGroupConfiguration(services: [app], logger: configuration.logger)
        shape.maximumGracefulShutdownDuration = configuration.limits.farewell
        let service = ServiceGroup(configuration: shape)
        let running = Task { try await service.run() }
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await running.value }
            group.addTask {
                while !Task.isCancelled { try? await Task.sleep(for: .seconds(3600)) }
                await service.triggerGracefulShutdown()
            }
            try await group.next()
            group.cancelAll()
        }
    }

    /// Known once the port is: host names and origins are checked against it.
    func open(port: Int) {
        addresses.open(Addresses(port: port, publicOrigins: configuration.publicOrigins))
    }

    package static let socketMode: UInt32 = 0o666

    /// Every route there is, from the routers that serve them.
    package var doors: [ConsoleDoor] {
        let (browser, socket) = (Router(context: ConsoleContext.self), Router(context: ConsoleContext.self))
        addOpenRoutes(toBrowserRouter: browser)
        addOpenRoutes(toSocketRouter: socket)
        return [
            ConsoleDoor(.browser, all: browserRouter().routes, open: browser.routes),
            ConsoleDoor(.socket, all: socketRouter().routes, open: socket.routes),
        ]
    }

    /// What answers whoever is not signed in.
    private func addOpenRoutes(toBrowserRouter router: Router<ConsoleContext>) {
        Assets.add(to: router)
        for (path, page) in [
            ("", Pages.chat), ("c/{id}", Pages.chat), ("n/{id}", Pages.chat), ("audit", Pages.audit),
            ("sessions", Pages.sessions), ("grants", Pages.grants), ("pauses", Pages.pauses), ("tasks", Pages.tasks),
        ] {
            router.get(RouterPath(path)) { _, _ in Response.page(page) }
        }
        LoginRoutes(login: login, addresses: addresses).add(to: router)
        if let tasks = configuration.tasks {
            TaskRoutes(tasks: tasks, limits: configuration.limits).addWebhooks(to: router)
        }
    }

    /// What answers whoever is nobody here.
    private func addOpenRoutes(toSocketRouter router: Router<ConsoleContext>) {
        PeopleRoutes(people: configuration.members, limits: configuration.limits).addRedeeming(to: router)
    }

    private func browserRouter() -> Router<ConsoleContext> {
        let router = Router(context: ConsoleContext.self, options: [])
        addOpenRoutes(toBrowserRouter: router)
        let api = router.group("api")
            .add(middleware: BrowserDoor(login: login, addresses: addresses))
            .add(middleware: OnBehalfRecord(recorder: configuration.recorder))
        LoginRoutes(login: login, addresses: addresses).addSignOut(to: api)
        addRoutes(to: api)
        return router
    }

    func browserResponder() -> some HTTPResponder<ConsoleContext> {
        let addresses = addresses
        return Edge(
            inner: browserRouter().buildResponder(),
            admit: { request throws(ConsoleError) in try addresses.current.admit(request) },
            isSecure: { (try? addresses.current.isSecure($0)) ?? false })
    }

    private func socketRouter() -> Router<ConsoleContext> {
        let router = Router(context: ConsoleContext.self, options: [])
        addOpenRoutes(toSocketRouter: router)
        let api = router.group("api")
            .add(middleware: SocketDoor(people: configuration.people, chat: configuration.chat))
            .add(middleware: OnBehalfRecord(recorder: configuration.recorder))
        PeopleRoutes(people: configuration.members, limits: configuration.limits).addLinking(to: api)
        addRoutes(to: api)
        return router
    }

    func socketResponder() -> some HTTPResponder<ConsoleContext> {
        Edge(inner: socketRouter().buildResponder(), admit: { _ in }, isSecure: { _ in false })
    }

    private func addRoutes(to api: RouterGroup<ConsoleContext>) {
        let (chat, limits) = (configuration.chat, configuration.limits)
        ChatRoutes(
            chat: chat, assistant: configuration.assistant, starters: configuration.starters, limits: limits
        ).add(to: api)
        MemberRoutes(chat: chat, people: configuration.people, limits: limits).add(to: api)
        EventRoutes(chat: chat, limits: limits).add(to: api)
        FileRoutes(chat: chat, limits: limits).add(to: api)
        GrantRoutes(chat: chat).add(to: api)
        AdminRoutes(
            chat: chat, audit: configuration.audit, people: configuration.people, login: login, limits: limits,
            link: { try link(to: $0) }
        ).add(to: api)
        OperationRoutes(operations: configuration.operations, limits: limits).add(to: api)
        PeopleRoutes(people: configuration.members, limits: limits).add(to: api)
        SecretRoutes(secrets: configuration.secrets, limits: limits).add(to: api)
        api.get("openapi.json") { _, _ -> Response in
            .json(.object(doors.first { $0.kind == .socket }.map { OpenAPIDocument($0).json } ?? [:]))
        }
        SurfaceRoutes(surface: { [configuration] in try await configuration.surface(doors) }).add(to: api)
        AnswerRoutes(chat: configuration.chat).add(to: api)
        LabelRoutes(operations: configuration.operations, limits: limits).add(to: api)
        if let tasks = configuration.tasks { TaskRoutes(tasks: tasks, limits: limits).add(to: api) }
        if let egress = configuration.egress { EgressRoutes(egress: egress, limits: limits).add(to: api) }
        if let drill = configuration.drill { DrillRoutes(drill: drill, limits: limits).add(to: api) }
    }

    private static func words(for error: IOError, host: String, port: Int) -> String {
        switch error.errnoCode {
        case EADDRINUSE:
            "Port \(port) on \(host) is taken by another program. Stop it (ss -ltnp 'sport = :\(port)' shows which), or "
                + "set another console.port in the configuration."
        case EACCES, EPERM:
            "Port \(port) on \(host) is not open to this user. Choose a port above 1023."
        case EADDRNOTAVAIL:
            "\(host) is not an address of this machine. Set the console's host to 127.0.0.1."
        default:
            "Port \(port) on \(host) cannot be opened: \(String(cString: strerror(error.errnoCode)))."
        }
    }
}
