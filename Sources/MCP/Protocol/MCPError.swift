/// A JSON-RPC error: what a peer answered in place of a result, or what this side answers.
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
        /// This side's own, never sent: the connection ended before the answer came.
        package static let connectionClosed: Code = -32000
        /// This side's own, never sent: the answer did not come in time.
        package static let requestTimedOut: Code = -32001
    }

    package var code: Code
    package var message: String
    package var data: JSONValue?

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
        MCPError(code: .methodNotFound, message: "unknown method \(method)")
    }

    package static func internalError(_ message: String) -> MCPError {
        MCPError(code: .internalError, message: message)
    }

    package var description: String { "\(message) (\(code.rawValue))" }

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
