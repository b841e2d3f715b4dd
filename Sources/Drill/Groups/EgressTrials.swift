/// One thing that is said to the egress door, over the drill sandbox's own socket.
struct EgressTrial: Sendable {
    enum Sent: Sendable {
        /// The bytes of a request, with `%P` for the port of the drill's own server.
        case request(String)
        /// A tunnel to a target, and then a TLS client that names that host (empty: none).
        case tunnel(to: String, naming: String)
        /// A tunnel, and then bytes that are no TLS.
        case raw(to: String, String)
    }

    enum Seen: Sendable {
        /// Nothing is dialled.
        case nothing
        /// A connection may be there by then; not a byte of the client's is.
        case noBytes
        /// Not even the name is looked up.
        case noName(String)
    }

    var trial: DrillTrial
    var sent: Sent
    var seen = Seen.nothing

    init(_ name: String, _ title: String, _ sent: Sent, seen: Seen = .nothing) {
        trial = DrillTrial(.egress, name, title, passesDoor: true)
        self.sent = sent
        self.seen = seen
    }
}

/// What the drill's door grants and what its names lead to. Every name is one that no resolver outside knows.
enum EgressNames {
    /// Granted at the port of the drill's server, and served there.
    static let allowed = "allowed.drill.test"
    /// Everything below it is granted; itself it is not.
    static let wildcard = "wild.drill.test"
    /// `GET` below `/open/` alone.
    static let limited = "limited.drill.test"

    /// Granted too, but an address they lead to is nobody's to reach from here.
    static let elsewhere: KeyValuePairs<String, [String]> = [
        "loopback": ["127.0.0.1"], "loopback6": ["::1"], "private": ["10.0.0.1"], "private172": ["172.16.0.1"],
        "private192": ["192.168.0.1"], "metadata": ["169.254.169.254"], "carrier": ["100.64.0.1"],
        "mapped": ["::ffff:127.0.0.1"], "compatible": ["::127.0.0.1"], "nat64": ["64:ff9b::7f00:1"],
        "sixtofour": ["2002:7f00:1::1"], "teredo": ["2001:0:7f00:1::1"], "local6": ["fd00::1"],
        "linklocal6": ["fe80::1"], "multicast": ["224.0.0.1"], "broadcast": ["255.255.255.255"],
        "unspecified": ["0.0.0.0"], "several": ["127.0.0.2", "127.0.0.1"],
    ]
}

enum EgressTrials {
    static let all: [EgressTrial] =
        names + literals + spellings + ports + tunnels + requests + smuggling + addresses + restricted + [
            redirect, revoked,
        ]

    private static let allowed = EgressNames.allowed

    private static func get(_ url: String, _ more: String = "", host: String = EgressNames.allowed + ":%P")
        -> EgressTrial.Sent
    {
        .request("GET \(url) HTTP/1.1\r\nHost: \(host)\r\n\(more)Connection: close\r\n\r\n")
    }

    private static func connect(_ target: String) -> EgressTrial.Sent {
        .request("CONNECT \(target) HTTP/1.1\r\nHost: \(target)\r\n\r\n")
    }

    private static let names = [
        EgressTrial(
            "unlisted", "a host nobody granted", get("http://other.drill.test:%P/", host: "other.drill.test:%P")),
        EgressTrial("unlisted_tunnel", "a tunnel to a host nobody granted", connect("other.drill.test:%P")),
        EgressTrial(
            "name_as_message", "a message in a name that is looked up", connect("carried-out.other.drill.test:%P"),
            seen: .noName("carried-out.other.drill.test")),
        EgressTrial("lookalike", "a host that begins like a granted one", connect("\(allowed).evil.test:%P")),
        EgressTrial("suffix", "a host that ends like a granted one", connect("evil\(allowed):%P")),
        EgressTrial("below", "a host below a granted one", connect("below.\(allowed):%P")),
        EgressTrial("apex", "the host above a granted wildcard", connect("\(EgressNames.wildcard):%P")),
        EgressTrial("homograph", "a granted name in letters that look alike", connect("аllowed.drill.test:%P")),
        EgressTrial("single_label", "a name of one label", connect("allowed:%P")),
        EgressTrial("localhost", "localhost", connect("localhost:%P")),
    ]

    private static let literals = [
        EgressTrial("ip", "an IP address", connect("127.0.0.1:%P")),
        EgressTrial("ip_url", "an IP address in a URL", get("http://127.0.0.1:%P/", host: "127.0.0.1:%P")),
        EgressTrial("ip_decimal", "an IP address as one number", connect("2130706433:%P")),
        EgressTrial("ip_hexadecimal", "an IP address in hexadecimal", connect("0x7f000001:%P")),
        EgressTrial("ip_octal", "an IP address in octal", connect("0177.0.0.01:%P")),
        EgressTrial("ip_short", "an IP address in two parts", connect("127.1:%P")),
        EgressTrial("ip_zero", "the address 0", connect("0:%P")),
        EgressTrial("ip6", "an IPv6 address", connect("[::1]:%P")),
        EgressTrial("ip6_mapped", "an IPv4 address in an IPv6 one", connect("[::ffff:127.0.0.1]:%P")),
        EgressTrial("ip6_zone", "an IPv6 address with a zone", connect("[fe80::1%25lo]:%P")),
    ]

    private static let spellings = [
        EgressTrial("two_dots", "a name with two dots at its end", connect("\(allowed)..:%P")),
        EgressTrial("other_dot", "an unlisted name with a dot at its end", connect("other.drill.test.:%P")),
        EgressTrial("empty_label", "a name with an empty label", connect("allowed..drill.test:%P")),
        EgressTrial("nul", "a NUL in a name", connect("\(allowed)\0.evil.test:%P")),
        EgressTrial("line_break", "a line break in a name", connect("\(allowed):%P\r\nX: y")),
        EgressTrial("bare_line_break", "a bare line feed in a name", connect("\(allowed)\n.evil.test:%P")),
        EgressTrial("space", "a space in a name", connect("\(allowed) .evil.test:%P")),
        EgressTrial("tab", "a tab in a name", connect("\(allowed)\t.evil.test:%P")),
        EgressTrial("userinfo", "a granted name as a user's", get("http://\(allowed):%P@other.drill.test:%P/")),
        EgressTrial("userinfo_tunnel", "a user before a tunnel's host", connect("user@\(allowed):%P")),
        EgressTrial("backslash", "a backslash for a slash", get("http://\(allowed):%P\\@other.drill.test/")),
        EgressTrial("percent", "a name with percent signs", connect("allowed%2edrill%2etest:%P")),
        EgressTrial("fragment", "another host behind a fragment sign", get("http://\(allowed):%P#@other.drill.test/")),
    ]

    private static let ports = [
        EgressTrial("other_port", "a granted host at a port that is not", connect("\(allowed):22")),
        EgressTrial("port_zero", "port 0", connect("\(allowed):0")),
        EgressTrial("port_overflow", "a port above all ports", connect("\(allowed):65999")),
        EgressTrial("port_signed", "a port with a sign", connect("\(allowed):+%P")),
        EgressTrial("port_padded", "a port with zeros before it", connect("\(allowed):000000%P")),
        EgressTrial("port_missing", "a tunnel without a port", connect(allowed)),
        EgressTrial("port_name", "a port by its name", connect("\(allowed):https")),
        EgressTrial("two_ports", "two ports", connect("\(allowed):%P:22")),
    ]

    private static let tunnels = [
        EgressTrial(
            "sni_other", "TLS to another host within a tunnel",
            .tunnel(to: "\(allowed):%P", naming: "other.drill.test"), seen: .noBytes),
        EgressTrial(
            "sni_below", "TLS to a host below the tunnel's", .tunnel(to: "\(allowed):%P", naming: "x.\(allowed)"),
            seen: .noBytes),
        EgressTrial(
            "sni_absent", "TLS without a name within a tunnel", .tunnel(to: "\(allowed):%P", naming: ""), seen: .noBytes
        ),
        EgressTrial("no_tls", "no TLS within a tunnel", .raw(to: "\(allowed):%P", "SSH-2.0-drill\r\n"), seen: .noBytes),
        EgressTrial(
            "http_in_tunnel", "plain HTTP within a tunnel",
            .raw(to: "\(allowed):%P", "GET / HTTP/1.1\r\nHost: other.drill.test\r\n\r\n"), seen: .noBytes),
    ]

    private static let requests = [
        EgressTrial(
            "host_other", "another Host than the URL's", get("http://\(allowed):%P/", host: "other.drill.test")),
        EgressTrial(
            "host_port", "a Host at another port than the URL's", get("http://\(allowed):%P/", host: "\(allowed):22")),
        EgressTrial("host_twice", "two Hosts", get("http://\(allowed):%P/", "Host: other.drill.test\r\n")),
        EgressTrial(
            "host_absent", "no Host", .request("GET http://\(allowed):%P/ HTTP/1.1\r\nConnection: close\r\n\r\n")),
        EgressTrial("origin_form", "a path without a host", get("/")),
        EgressTrial("https_url", "a URL that is not plain HTTP", get("https://\(allowed):%P/")),
        EgressTrial("file_url", "a file's URL", get("file:///etc/passwd")),
        EgressTrial("ftp_url", "an FTP server's URL", get("ftp://\(allowed):%P/")),
        EgressTrial(
            "trace", "a method that echoes",
            .request("TRACE http://\(allowed):%P/ HTTP/1.1\r\nHost: \(allowed):%P\r\n\r\n")),
        EgressTrial("preface", "HTTP/2 without asking", .request("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n")),
        EgressTrial("nonsense", "bytes that are no request", .request("\u{16}\u{3}\u{1}\0\u{1}drill\r\n\r\n")),
        EgressTrial(
            "huge_head", "a head without end",
            get("http://\(allowed):%P/", "X: " + String(repeating: "a", count: 40000) + "\r\n")),
        EgressTrial("itself", "the proxy through itself", get("http://localhost:%P/", host: "localhost:%P")),
    ]

    private static func post(_ headers: String, _ body: String) -> EgressTrial.Sent {
        .request("POST http://\(allowed):%P/ HTTP/1.1\r\nHost: \(allowed):%P\r\n\(headers)\r\n\(body)")
    }

    private static let hidden = "GET http://other.drill.test:%P/ HTTP/1.1\r\nHost: other.drill.test:%P\r\n\r\n"

    /// Two requests where one reader sees one.
    private static let smuggling = [
        EgressTrial(
            "length_and_chunks", "a length and chunks at once",
            post("Content-Length: 5\r\nTransfer-Encoding: chunked\r\n", "0\r\n\r\n" + hidden)),
        EgressTrial("two_lengths", "two lengths", post("Content-Length: 0\r\nContent-Length: 60\r\n", hidden)),
        EgressTrial("listed_lengths", "two lengths in one line", post("Content-Length: 0, 60\r\n", hidden)),
        EgressTrial("signed_length", "a length with a sign", post("Content-Length: +5\r\n", "12345")),
        EgressTrial(
            "folded_line", "a folded header",
            post("Content-Length: 0\r\nX: a\r\n Transfer-Encoding: chunked\r\n", hidden)),
        EgressTrial(
            "odd_coding", "another transfer coding", post("Transfer-Encoding: xchunked\r\n", "0\r\n\r\n" + hidden)),
        EgressTrial(
            "space_before_colon", "a space before a header's colon",
            post("Transfer-Encoding : chunked\r\n", "0\r\n\r\n" + hidden)),
        EgressTrial(
            "bare_feeds", "lines that end in a bare line feed",
            .request("GET http://\(allowed):%P/ HTTP/1.1\nHost: \(allowed):%P\n\n")),
    ]

    /// Granted by name: what the name leads to decides. Each is where a name could be pointed after it was granted.
    private static let addresses = EgressNames.elsewhere.map { name, addresses in
        EgressTrial(
            "address_\(name)", "a granted name that leads to \(addresses.joined(separator: " and "))",
            connect("\(name).\(EgressNames.wildcard):%P"))
    }

    private static let restricted = [
        EgressTrial(
            "method", "a method that is not granted",
            .request(
                "POST http://\(EgressNames.limited):%P/open/ HTTP/1.1\r\nHost: \(EgressNames.limited):%P\r\nContent-Length: 0\r\n\r\n"
            )),
        EgressTrial(
            "path", "a path that is not granted",
            get("http://\(EgressNames.limited):%P/closed", host: "\(EgressNames.limited):%P")),
        EgressTrial(
            "path_climb", "a path that climbs out of a granted one",
            get("http://\(EgressNames.limited):%P/open/../closed", host: "\(EgressNames.limited):%P")),
        EgressTrial(
            "path_encoded", "the same with encoded dots",
            get("http://\(EgressNames.limited):%P/open/%2e%2e/closed", host: "\(EgressNames.limited):%P")),
        EgressTrial(
            "restricted_tunnel", "a tunnel to a host granted for some paths", connect("\(EgressNames.limited):%P")),
    ]

    /// The server redirects there.
    static let redirect = EgressTrial(
        "redirect", "where a granted host redirects to", get("http://127.0.0.1/", host: "127.0.0.1"))
    static let revoked = EgressTrial(
        "revoked", "a tunnel whose grant was taken back", .tunnel(to: "\(allowed):%P", naming: allowed))
}
