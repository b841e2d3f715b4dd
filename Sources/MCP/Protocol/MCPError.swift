/// What went wrong with a request: the JSON-RPC error a peer answered or is to be answered, or (`isLocal`) what this
/// side found out by itself.
package struct MCPError: Error, Hashable, CustomStringConvertible {
    package struct Code: RawRepresentable, Hashable, Sendable, ExpressibleByIntegerLiteral {
        package let rawValue: Int

        package init(rawValue: Int) { self.rawValue = rawValue }
        package init(integerLiteral value: Int) { rawValue = value }

        package static let parseError: Code = -32700
        package static let invalidRequest: Code = -32600
        package static let methodNotFound: Code = -32601
        package static let invalidParams: Code = -32602
        package static let internalError: Code = -32603
        package static let unsupportedProtocolVersion: Code = -32022

        /// Local: the connection ended before the answer came.
        package static let connectionClosed: Code = 1
        /// Local: the answer did not come in time.
        package static let requestTimedOut: Code = 2
        /// Local: the answer is not what the protocol says it has to be.
        package static let badAnswer: Code = 3
    }

    package var code: Code
    package var message: String
    package var data: JSONValue?
    /// Never true of an error that came from the peer, whatever code it chose.
    package private(set) var isLocal = false

    package init(code: Code, message: String, data: JSONValue? = nil) {
        self.code = code
        self.message = message
        self.data = data
    }

    package static func invalidParams(_ message: String, data: JSONValue? = nil) -> MCPError {
        MCPError(code: .invalidParams, message: message, data: data)
    }

    package static func invalidRequest(_ message: String) -> MCPError {
        MCPError(code: .invalidRequest, message: message)
    }

    package static func methodNotFound(_ method: String) -> MCPError {
        MCPError(code: .methodNotFound, message: "unknown method \(method.prefix(100))")
    }

    package static func internalError(_ message: String) -> MCPError {
        MCPError(code: .internalError, message: message)
    }

    static func local(_ code: Code, _ message: String) -> MCPError {
        var error = MCPError(code: code, message: message)
        error.isLocal = true
        return error
    }

    package var description: String { isLocal ? message : "\(message) (\(code.rawValue))" }

    /// The `error` member of a response.
    package var json: JSONObject {
        var json: JSONObject = ["code": .int(Int64(code.rawValue)), "message": .string(message)]
        json["data"] = data
        return json
    }

    package init(json: JSONObject) {
        code = Code(rawValue: json["code"]?.intValue.map(Int.init(truncatingIfNeeded:)) ?? Code.internalError.rawValue)
        message = json["message"]?.stringValue ?? "an error without a message"
        data = json["data"]
    }
}
