internal import NetworkRules

/// What a request asks of the proxy.
enum Ask {
    case tunnel(Authority)
    case request(ForwardedRequest)

    init(_ head: RequestHead) throws(HTTPRefusal) {
        guard head.method == "CONNECT" else {
            self = .request(try ForwardedRequest(head))
            return
        }
        let target: Authority
        do {
            target = try Authority(reading: head.target)
        } catch {
            throw HTTPRefusal(400, error.description)
        }
        try ForwardedRequest.checkHost(head, target)
        guard head.fields.values(of: "content-length").allSatisfy({ $0 == [UInt8(ascii: "0")] }),
            head.fields.values(of: "transfer-encoding").isEmpty
        else { throw HTTPRefusal(400, "A CONNECT request has no body.") }
        self = .tunnel(target)
    }

    var target: Authority {
        switch self {
        case .tunnel(let target): target
        case .request(let request): request.target.authority
        }
    }

    var method: String? {
        if case .request(let request) = self { request.method } else { nil }
    }

    /// Without the query.
    var path: String? {
        guard case .request(let request) = self else { return nil }
        return String(request.target.path.prefix { $0 != "?" })
    }
}
