internal import Hummingbird
internal import Logging
internal import MCP

/// The outermost layer of a door: lets a request in or refuses it, turns every failure into an answer once, and puts the
/// security headers on everything that leaves, refusals and unknown addresses included.
struct Edge<Inner: HTTPResponder>: HTTPResponder where Inner.Context == ConsoleContext {
    let inner: Inner
    let admit: @Sendable (Request) throws(ConsoleError) -> Void
    let isSecure: @Sendable (Request) -> Bool

    func respond(to request: Request, context: ConsoleContext) async throws -> Response {
        var response: Response
        do {
            try admit(request)
            response = try await inner.respond(to: request, context: context)
            // The router answers what it does not know without a body; everything of ours says what it is.
            if response.status.code >= 400, response.headers[.contentType] == nil {
                throw ConsoleError(status: response.status)
            }
        } catch {
            let reported = ConsoleError(reporting: error)
            if reported.code == .internal {
                context.logger.error("A console request failed", metadata: ["error": "\(error)"])
            }
            response = Response(reporting: reported, asPage: request.wantsPage)
        }
        SecurityHeaders.apply(to: &response, isSecure: isSecure(request))
        return response
    }
}

extension Request {
    /// A person looks at the answer, not a program.
    fileprivate var wantsPage: Bool {
        !uri.path.hasPrefix("/api/") && headers[.accept]?.contains("text/html") == true
    }
}

extension Response {
    init(reporting error: ConsoleError, asPage: Bool) {
        if asPage {
            self = .page(Pages.message(title: "That did not work", error.message), status: error.status)
        } else {
            self = .json(error.json, status: error.status)
        }
    }

    static func json(_ value: JSONValue, status: HTTPResponse.Status = .ok) -> Response {
        Response(
            status: status, headers: [.contentType: "application/json; charset=utf-8"],
            body: .init(byteBuffer: ByteBuffer(bytes: value.serialized())))
    }

    static func page(_ html: String, status: HTTPResponse.Status = .ok) -> Response {
        Response(
            status: status, headers: [.contentType: "text/html; charset=utf-8"],
            body: .init(byteBuffer: ByteBuffer(string: html)))
    }
}
