import Egress
import Model
import NetworkRules
import Testing

@Suite struct EgressAuthorityTests {
    @Test func aTunnelHasNeitherMethodNorPath() throws {
        let host = try #require(HostName("example.com"))
        let request = EgressRequest(session: SessionID(trusted: "s"), target: Authority(host: host, port: 443))
        #expect(request.method == nil && request.path == nil)
        #expect("\(request.target)" == "example.com:443")
    }
}
