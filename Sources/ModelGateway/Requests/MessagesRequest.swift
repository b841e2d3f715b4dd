internal import MCP
internal import NIOCore
internal import NIOHTTP1

/// A request that was decoded strictly and found to ask for nothing but an answer. What is sent on is the client's own
/// bytes, with the values of `model` and `metadata` replaced: these belong to the gateway.
struct MessagesRequest: Sendable {
    private(set) var content: JSONObject
    /// Of the whole body.
    private var bytes: [UInt8]
    let version: String
    /// Each one granted.
    let betas: [String]
    let usesBetaQuery: Bool

    /// In bytes.
    var size: Int { bytes.count }

    var isStreamed: Bool { content["stream"]?.boolValue ?? false }

    init(_ request: DoorRequest, target: RequestTarget, grantedBetas: Set<String>, limits: GatewayLimits)
        throws(APIError)
    {
        if let encoding = request.headers.first(name: "content-encoding"), encoding.lowercased() != "identity" {
            throw APIError.refused("The body must not be compressed (content-encoding: \(encoding)).")
        }
        version = try Self.version(request)
        betas = try Self.betas(request, granted: grantedBetas)
        usesBetaQuery = request.query == "beta=true"
        bytes = Array(buffer: request.body)
        let value: JSONValue
        do {
            value = try JSONValue(
                parsing: bytes, limits: JSONLimits(maximumDepth: 64, maximumBytes: limits.maximumBodyBytes))
        } catch {
            throw APIError.refused(
                "The body is not JSON that can be passed on: \(error.reason) (at byte \(error.offset)).")
        }
        guard case .object(let object) = value else { throw APIError.refused("The body must be a JSON object.") }
        content = object
        try RequestPolicy.check(object, target: target)
    }

    /// The same request with other content: written anew, as the bytes that came may not be sent.
    func replaced(by content: JSONObject) -> MessagesRequest {
        var copy = self
        copy.content = content
        copy.bytes = JSONValue.object(content).serialized()
        return copy
    }

    /// The bytes for the provider.
    func forwarded(model: String) throws(APIError) -> [UInt8] {
        var replacements: [String: [UInt8]] = ["model": JSONValue.string(model).serialized()]
        if content["metadata"] != nil { replacements["metadata"] = Array("{}".utf8) }
        guard let result = JSONSplice.replacingMembers(of: bytes, with: replacements) else {
            throw APIError(500, .api, "The gateway could not prepare the request.", shouldRetry: false)
        }
        return result
    }

    /// https://docs.claude.com/en/api/versioning
    private static func version(_ request: DoorRequest) throws(APIError) -> String {
        let values = request.headers["anthropic-version"]
        guard let version = values.first else { return "2023-06-01" }
        guard values.count == 1, version == "2023-06-01" || version == "2026-10-21" else {
            throw APIError.refused("anthropic-version must be 2023-06-01 or 2026-10-21.")
        }
        return version
    }

    private static func betas(_ request: DoorRequest, granted: Set<String>) throws(APIError) -> [String] {
        let betas = request.headers[canonicalForm: "anthropic-beta"].map(String.init).filter { !$0.isEmpty }
        for beta in betas where !granted.contains(beta) {
            throw APIError.refused("The beta \(beta.prefix(80)) is not granted here (header anthropic-beta).")
        }
        return betas
    }
}
