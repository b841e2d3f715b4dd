import AsyncHTTPClient
import Console
import MCP
import Model
import NIOCore
import NIOHTTP1
import Testing

/// One answer, read to its end.
struct Answer {
    let status: Int
    let headers: [(name: String, value: String)]
    let body: String

    func header(_ name: String) -> String? {
        headers.first { $0.name.lowercased() == name.lowercased() }?.value
    }

    var json: JSONValue { get throws { try JSONValue(parsing: Array(body.utf8)) } }

    func error() throws -> (code: String, message: String) {
        let error = try json["error"]
        return (error?["code"]?.stringValue ?? "", error?["message"]?.stringValue ?? "")
    }
}

/// A browser that is signed in (or not), as bare requests.
struct Browser {
    let console: TestConsole
    var cookie: String?
    var csrf: String?

    static func signedIn(
        to console: TestConsole, as person: PersonID = FakeChat.ada, by issuer: PersonID? = nil
    ) async throws -> Browser {
        let link = try await console.server.loginLink(for: person, by: issuer)
        var browser = Browser(console: console)
        let token = try #require(link.split(separator: "=").last.map(String.init))
        let answer = try await browser.send(
            "POST", "/login", headers: [("Origin", console.base)], body: Array("token=\(token)".utf8))
        let cookie = try #require(answer.header("Set-Cookie"))
        browser.cookie = String(try #require(cookie.split(separator: ";").first))
        browser.csrf = try await browser.send("GET", "/api/me").json["csrf"]?.stringValue
        return browser
    }

    func send(
        _ method: String, _ path: String, headers: [(String, String)] = [], body: [UInt8]? = nil
    ) async throws -> Answer {
        var all = headers
        if let cookie { all.append(("Cookie", cookie)) }
        if let csrf, method != "GET", !headers.contains(where: { $0.0 == "X-Bulkhead-CSRF" }) {
            all.append(("X-Bulkhead-CSRF", csrf))
        }
        return try await request(method, console.base + path, headers: all, body: body)
    }

    func post(_ path: String, _ value: JSONValue, headers: [(String, String)] = []) async throws -> Answer {
        try await send("POST", path, headers: headers, body: value.serialized())
    }
}

func request(
    _ method: String, _ url: String, headers: [(String, String)] = [], body: [UInt8]? = nil
) async throws -> Answer {
    var request = HTTPClientRequest(url: url)
    request.method = .RAW(value: method)
    for (name, value) in headers { request.headers.add(name: name, value: value) }
    if let body { request.body = .bytes(ByteBuffer(bytes: body)) }
    let response = try await client.execute(request, timeout: .seconds(60))
    let bytes = try await response.body.collect(upTo: 100 << 20)
    return Answer(
        status: Int(response.status.code), headers: response.headers.map { ($0.name, $0.value) },
        body: String(buffer: bytes))
}

/// Follows no redirect: tests look at them.
let client = HTTPClient(configuration: .init(redirectConfiguration: .disallow))

/// `http+unix://…`: the socket's path is the host.
func socketURL(_ console: TestConsole, _ path: String) -> String {
    "http+unix://" + console.socketPath.replacing("/", with: "%2F") + path
}
