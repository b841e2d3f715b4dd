internal import MCP
internal import NIOCore
internal import NIOHTTP1

/// One request to the engine, its path without the version.
struct EngineRequest: Sendable {
    enum Body: Sendable {
        case none
        case json(JSONValue)
        /// Bytes as they come, until `nil`.
        case stream(type: String, @Sendable () async throws -> [UInt8]?)
    }

    var method: HTTPMethod
    var path: String
    var query: [(String, String)] = []
    var body: Body = .none
    /// How long the whole exchange may take.
    var deadline: Duration = .seconds(30)
    /// The largest answer accepted.
    var maximumAnswer = 8 << 20

    /// For messages: "POST /containers/create".
    var name: String { "\(method.rawValue) \(path)" }

    func target(version: String?) -> String {
        var target = version.map { "/v\($0)" } ?? ""
        target += path
        for (index, (key, value)) in query.enumerated() {
            target += (index == 0 ? "?" : "&") + key + "=" + Self.encoded(value)
        }
        return target
    }

    /// Percent-encodes all but RFC 3986's unreserved characters.
    static func encoded(_ text: String) -> String {
        let digits = Array("0123456789ABCDEF".utf8)
        var result: [UInt8] = []
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"),
                UInt8(ascii: "~"):
                result.append(byte)
            default:
                result += [UInt8(ascii: "%"), digits[Int(byte >> 4)], digits[Int(byte & 15)]]
            }
        }
        return String(decoding: result, as: UTF8.self)
    }
}
