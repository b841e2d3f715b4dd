import Egress
import Model
import NetworkRules
import Testing

@Suite(.timeLimit(.minutes(5))) struct ReachTests {
    private let session = SessionID(trusted: "session")

    @Test func aCheckHoldsForTheAddressesItSaw() async throws {
        let resolver = ScriptedResolver([IPAddress(8, 8, 8, 8)], [IPAddress(127, 0, 0, 1)])
        let reach = EgressReach(resolver: resolver)
        #expect(try await reach.checkedAddresses(of: "a.example.org".asHost, for: session) == [IPAddress(8, 8, 8, 8)])
        // Bound anew meanwhile: whoever asks again is refused, and nobody has to.
        let error = await #expect(throws: EgressError.self) {
            try await reach.checkedAddresses(of: "a.example.org".asHost, for: session)
        }
        #expect(error?.code == .address && resolver.asked == 2)
    }

    @Test func whoDialsOneAddressGetsVersion4WhereThereIsOne() async throws {
        let six = try #require(IPAddress("2606:4700::1111"))
        let target = try Authority(reading: "a.example.org:443")
        let both = EgressReach(resolver: ScriptedResolver([six, IPAddress(8, 8, 8, 8)]))
        #expect(try await both.checkedAddress(of: target, for: session) == IPAddress(8, 8, 8, 8))
        #expect(
            try await EgressReach(resolver: ScriptedResolver([six])).checkedAddress(of: target, for: session) == six)
        let mixed = EgressReach(resolver: ScriptedResolver([IPAddress(8, 8, 8, 8), IPAddress(10, 0, 0, 1)]))
        await #expect(throws: EgressError.self) { try await mixed.checkedAddress(of: target, for: session) }
    }

    @Test func onlyNamesThatAreNobodysStandIn() throws {
        let loopback = IPAddress(127, 0, 0, 1)
        for name in ["host.test", "a.b.invalid", "x.example", "x.localhost"] {
            #expect(try StandIns([name.asHost: loopback])[name.asHost] == loopback)
        }
        for name in ["example.com", "github.com", "test.com", "host.test.com", "host.tests"] {
            #expect(throws: EgressError.self) { try StandIns([name.asHost: loopback]) }
        }
        for address in ["10.0.0.1", "8.8.8.8", "169.254.169.254", "::ffff:7f00:1", "0.0.0.0"] {
            #expect(throws: EgressError.self) { try StandIns(["host.test".asHost: #require(IPAddress(address))]) }
        }
        #expect(StandIns.none[try "host.test".asHost] == nil)
    }

    /// What nobody stands in for goes the way of everything else.
    @Test func othersAreResolvedAndChecked() async throws {
        let reach = EgressReach(
            resolver: ScriptedResolver([IPAddress(127, 0, 0, 1)]),
            standIns: try StandIns(["host.test".asHost: IPAddress(127, 0, 0, 1)]))
        #expect(try await reach.checkedAddresses(of: "host.test".asHost, for: session) == [IPAddress(127, 0, 0, 1)])
        for name in ["other.test", "www.host.test", "a.example.org"] {
            await #expect(throws: EgressError.self) { try await reach.checkedAddresses(of: name.asHost, for: session) }
        }
    }

    @Test func theSystemsResolverFailsPlainly() async throws {
        // A name that has no address anywhere (RFC 6761).
        let reach = EgressReach(deadline: .seconds(5))
        let error = await #expect(throws: EgressError.self) {
            try await reach.checkedAddresses(of: "nobody.invalid".asHost, for: session)
        }
        #expect(error?.code == .resolve)
    }

    /// Without a place there is no look-up, and an end to the waiting.
    @Test func whoFindsNoPlaceAtTheResolverIsNotHeldUpForEver() async throws {
        let reach = EgressReach(resolver: SystemResolver(maximumAtOnce: 0), deadline: .milliseconds(100))
        let error = await #expect(throws: EgressError.self) {
            try await reach.checkedAddresses(of: "a.example.org".asHost, for: session)
        }
        #expect(error?.code == .resolve && error?.description.contains("in time") == true)
    }
}
