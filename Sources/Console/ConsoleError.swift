internal import Conversations
internal import Hummingbird
internal import MCP

/// What went wrong at the console, in words for the person who has to act on it.
package struct ConsoleError: Error, Sendable, CustomStringConvertible {
    package enum Code: String, Sendable {
        case badRequest = "bad_request"
        case unauthenticated
        case forbidden
        case notFound = "not_found"
        case methodNotAllowed = "method_not_allowed"
        case conflict
        case tooLarge = "too_large"
        case unavailable
        case `internal`
        /// The console cannot start.
        case portTaken = "port_taken"
        case socketUnusable = "socket_unusable"
    }

    package let code: Code
    package let message: String

    package init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }

    package var description: String { message }
}

extension ConsoleError {
    /// The one place where failures become what a client sees. What is not known to be meant for people is not shown.
    init(reporting error: any Error) {
        switch error {
        case let error as ConsoleError: self = error
        case let error as ChatError: self.init(Code(error.code), error.message)
        case is CancellationError: self.init(.unavailable, "The request was given up.")
        case let error as any HTTPResponseError: self.init(status: error.status)
        default: self.init(.internal, "Something failed inside Bulkhead. Its log has the details.")
        }
    }

    init(status: HTTPResponse.Status) {
        switch status.code {
        case 404: self.init(.notFound, "There is nothing at this address.")
        case 405: self.init(.methodNotAllowed, "This address does not take that method.")
        case 413: self.init(.tooLarge, "The request is larger than this console accepts.")
        case 400..<500: self.init(.badRequest, "The request could not be understood.")
        default: self.init(.internal, "Something failed inside Bulkhead. Its log has the details.")
        }
    }

    var status: HTTPResponse.Status {
        switch code {
        case .badRequest: .badRequest
        case .unauthenticated: .unauthorized
        case .forbidden: .forbidden
        case .notFound: .notFound
        case .methodNotAllowed: .methodNotAllowed
        case .conflict: .conflict
        case .tooLarge: .contentTooLarge
        case .unavailable: .serviceUnavailable
        case .internal, .portTaken, .socketUnusable: .internalServerError
        }
    }

    var json: JSONValue {
        .object(["error": .object(["code": .string(code.rawValue), "message": .string(message)])])
    }
}

extension ConsoleError.Code {
    init(_ code: ChatError.Code) {
        self =
            switch code {
            case .notFound: .notFound
            case .forbidden: .forbidden
            case .invalid: .badRequest
            case .tooLarge: .tooLarge
            case .conflict: .conflict
            case .unavailable: .unavailable
            }
    }
}
