package import Egress
package import MCP
internal import Model
internal import NetworkRules
internal import Synchronization
package import ToolServers
package import Vault

/// `http_request`: a request the harness makes, so that a secret in it reaches neither the model nor the sandbox.
package struct WebRequestServer: ToolServer {
    private let keeper: any SecretKeeper
    private let egress: any EgressAuthority
    private let reach: EgressReach
    private let host: any WebRequestHost
    private let limits: WebRequestLimits
    private let client: WebClient
    private let running = RunningRequests()

    package static let name = "http_request"

    /// `authority`: certificates (PEM) to trust in place of the system's, for tests; verified against in any case.
    package init(
        keeper: any SecretKeeper, egress: any EgressAuthority, reach: EgressReach, host: any WebRequestHost,
        limits: WebRequestLimits = WebRequestLimits(), authority: [UInt8]? = nil
    ) {
        self.keeper = keeper
        self.egress = egress
        self.reach = reach
        self.host = host
        self.limits = limits
        client = WebClient(limits: limits, authority: authority)
    }

    package var tools: [RegisteredTool] { [Self.tool] }

    package func call(_ name: String, arguments: JSONObject, context: ToolContext) async throws -> CallToolResult {
        guard name == Self.name else { return .failure("There is no tool \(name).") }
        let plan: RequestPlan
        do {
            plan = try RequestPlan(arguments, limits: limits)
        } catch {
            return .failure(error.description)
        }
        guard running.enter(context.session, limit: limits.concurrent) else {
            return .failure("\(limits.concurrent) requests of this session are under way, which is the limit.")
        }
        defer { running.leave(context.session) }
        let started = ContinuousClock.now
        var record = WebRequestRecord(
            method: plan.method, target: plan.url.authority, path: plan.url.path,
            secrets: plan.secrets.map(\.rawValue), bytesUp: 0, bytesDown: 0, duration: .zero)
        let result: CallToolResult
        do {
            let response = try await answer(to: plan, &record, context)
            result = await shown(response, context)
        } catch {
            record.failure = "\(error)"
            result = .failure("The request was not made, or came to nothing: \(error)")
        }
        record.duration = ContinuousClock.now - started
        await Task { [host, record] in await host.record(record, context: context) }.value
        try Task.checkCancellation()
        return result
    }

    package func demand(for name: String, arguments: JSONObject, context: ToolContext) async throws -> ToolDemand? {
        let plan = try RequestPlan(arguments, limits: limits)
        let names = plan.secrets.map(\.rawValue)
        return names.isEmpty ? nil : try await keeper.demand(for: names, kind: .request, context: context)
    }

    /// What people are shown beside the arguments: where it goes, and which secrets go where.
    package func evidence(
        for name: String, arguments: JSONObject, like earlier: Evidence?
    ) async throws -> Evidence? {
        let plan = try RequestPlan(arguments, limits: limits)
        var lines = ["\(plan.method) \(plan.url.text(target: plan.url.path))"]
        lines += plan.uses.map { "the secret \($0.name) in \($0.place.inWords)" }
        if plan.secrets.isEmpty { lines.append("no secret goes with it") }
        return Evidence(details: lines.joined(separator: "\n"))
    }

    private func answer(
        to plan: RequestPlan, _ record: inout WebRequestRecord, _ context: ToolContext
    ) async throws -> ResponseText {
        guard try await !host.labels(of: context.session).contains(.private) else {
            throw WebRequestError(
                "This session has seen private data, so no request leaves it. A new conversation without them can.")
        }
        record.rule = try await permission(for: plan, context)
        let values = try await values(for: plan, context)
        let address = try await reach.checkedAddress(of: plan.url.authority, for: context.session)
        let message = try message(plan, values, address: address.description)
        record.address = message.address
        record.bytesUp = Int64(message.body?.count ?? 0)
        // The session may have come to be private while people and resolvers took their time.
        guard try await !host.labels(of: context.session).contains(.private) else {
            throw WebRequestError("This session has come to see private data, so the request was not made.")
        }
        let response = try await client.send(message, within: plan.timeout)
        record.status = response.status
        record.bytesDown = Int64(response.body.count)
        return response
    }

    /// By what the host may be reached: the binding of each secret that goes there, or else a grant as for the sandbox.
    private func permission(for plan: RequestPlan, _ context: ToolContext) async throws -> String {
        let target = plan.url.authority
        if let credential = plan.ownCredentials.first,
            try await host.isAnySecretBound(to: target.host, context: context)
        {
            throw WebRequestError(
                "\(credential) holds a credential of your own, and a secret is bound to \(target.host): use it, as "
                    + "{{secret:NAME}}, or ask the person to store the one that is meant.")
        }
        let request = EgressRequest(
            session: context.session, target: target, method: plan.method,
            path: plan.url.target(adding: []))
        guard plan.secrets.isEmpty else {
            var bound: [EgressEntry] = []
            for name in plan.secrets {
                let secret = try await keeper.find(name.rawValue, for: context.requester, in: context.channel)
                bound += secret?.binding.hosts ?? []
            }
            if case .refuse(let reason) = try await host.decide(request, only: bound) { throw WebRequestError(reason) }
            return "bound: \(plan.secrets.map(\.rawValue).joined(separator: ", "))"
        }
        switch try await egress.decide(request) {
        case .allow(let rule, _): return rule
        case .refuse(let reason): throw WebRequestError(reason)
        }
    }

    /// Of each use in each place: the vault looks at the binding, and puts the use on record.
    private func values(
        for plan: RequestPlan, _ context: ToolContext
    ) async throws -> [SecretName: SecretValue] {
        var bound: [(Secret, SecretUse)] = []
        for (name, place) in plan.uses {
            guard
                let secret = try await keeper.find(
                    name.rawValue, for: context.requester, in: context.channel)
            else { throw WebRequestError("There is no secret \(name) here.") }
            // The vault looks too. Here all of them are looked at before the first is used.
            let isHere =
                EgressEntry.first(
                    in: secret.binding.hosts, matching: plan.url.authority, method: plan.method, path: plan.url.path)
                != nil
            guard isHere, secret.binding.effectivePlaces.contains(place) else {
                throw WebRequestError(
                    "The secret \(name) is not bound to \(plan.method) \(plan.url.authority)\(plan.url.path), in "
                        + "\(place.inWords). Its owner says where it may go (`bulkhead secret list` shows it).")
            }
            bound.append((secret, .request(plan.url.authority, method: plan.method, path: plan.url.path, place: place)))
        }
        var values: [SecretName: SecretValue] = [:]
        for (secret, use) in bound {
            values[secret.name] = try await keeper.value(of: secret, for: use, context: context)
        }
        return values
    }

    private func message(
        _ plan: RequestPlan, _ values: [SecretName: SecretValue], address: String
    ) throws(WebRequestError) -> WebClient.Message {
        func value(_ name: SecretName) throws(WebRequestError) -> String {
            guard let text = values[name]?.text else { throw WebRequestError("The secret \(name) is no text.") }
            return text
        }
        var headers: [(String, String)] = []
        for field in plan.headers {
            let text = try fill(field.value, value)
            guard RequestPlan.isFieldValue(text) else {
                throw WebRequestError("A secret has a line end in it, so it does not go into the header \(field.name).")
            }
            headers.append((field.name, text))
        }
        if !plan.headers.contains(where: { $0.name == "user-agent" }) { headers.append(("user-agent", "bulkhead")) }
        var query: [(String, String)] = []
        for field in plan.query {
            query.append((PercentEncoding.encoded(field.name), PercentEncoding.encoded(try fill(field.value, value))))
        }
        let target = plan.url.target(adding: query)
        guard target.utf8.count <= limits.addressBytes else { throw WebRequestError("The address is too long.") }
        let type = headers.first { $0.0 == "content-type" }?.1.lowercased() ?? ""
        var body: [UInt8]?
        if let template = plan.body {
            body = Array(
                try fill(template, value) { text in
                    if type.contains("json") { return String(JSONValue.string(text).text.dropFirst().dropLast()) }
                    return type.contains("x-www-form-urlencoded") ? PercentEncoding.encoded(text) : text
                }.utf8)
        }
        return WebClient.Message(
            method: plan.method, url: plan.url.text(target: target), host: plan.url.authority.host.description,
            address: address, headers: headers, body: body)
    }

    private func fill(
        _ template: SecretTemplate, _ value: (SecretName) throws(WebRequestError) -> String,
        _ written: (String) -> String = { $0 }
    ) throws(WebRequestError) -> String {
        do {
            return try template.filled(written) { name in try value(name) }
        } catch {
            throw error as? WebRequestError ?? WebRequestError("A secret could not be put in its place.")
        }
    }

    private func shown(_ response: ResponseText, _ context: ToolContext) async -> CallToolResult {
        var text = response.head + "\n\n"
        if let content = response.text {
            text += content
            if response.isCut { text += "\n[cut: the answer is longer than \(limits.responseBytes >> 10) KiB]" }
        } else {
            let kind = response.encoding.map { "packed (\($0))" } ?? (response.type.isEmpty ? "no text" : response.type)
            text += "[\(response.body.count) bytes, \(kind)\(response.isCut ? ", cut" : "")"
            do {
                let place = try await host.keep(response.body, name: context.call.rawValue, context: context)
                text += ", kept in \(place)]"
            } catch {
                text += "; they could not be kept: \(error)]"
            }
        }
        return .text(text)
    }
}

/// How many requests of each session are under way.
private final class RunningRequests: Sendable {
    private let counts = Mutex<[SessionID: Int]>([:])

    func enter(_ session: SessionID, limit: Int) -> Bool {
        counts.withLock { counts in
            guard counts[session, default: 0] < limit else { return false }
            counts[session, default: 0] += 1
            return true
        }
    }

    func leave(_ session: SessionID) {
        counts.withLock { counts in
            counts[session, default: 0] -= 1
            if counts[session, default: 0] <= 0 { counts[session] = nil }
        }
    }
}

extension SecretPlace {
    fileprivate var inWords: String {
        switch self {
        case .header(let name): "the header \(name)"
        case .query(let name): "the query parameter \(name)"
        case .body: "the body"
        }
    }
}
