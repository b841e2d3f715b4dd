import Broker
import BrokerClient
import BrokerProtocol
import Compartments
import Glibc
import Model
import Testing

extension ContainerTests {
    /// A session's scratch, from its first file to its end.
    @Suite(.serialized) struct ScratchTests {
        @Test func itGoesWhenNoContainerHasItAndNotBefore() async throws {
            try await TestHost.with { host in
                try await host.withPool { pool in
                    let compartment = try await pool.take(for: sessionID)
                    // As bad as a shell in there can make it.
                    _ = try await compartment.bash(
                        """
                        cd /workspace/session; ln -s / root; ln -s /workspace/thread t; mkfifo fifo; mkdir -p a/b; chmod 0 a
                        echo kept > /workspace/thread/kept; ln /workspace/thread/kept hard; touch $'\\xff\\n'
                        """, grants)
                    #expect(try await pool.scratches(after: nil) == [sessionID])
                    await #expect(throws: CompartmentError.self) { try await pool.discardScratch(of: sessionID) }
                    let root = host.configuration.volumeRoot
                    #expect(access(root + "/session/\(sessionID)", F_OK) == 0)
                    await compartment.end()
                    try await pool.discardScratch(of: sessionID)
                    #expect(try await pool.scratches(after: nil).isEmpty)
                    let deadline = ContinuousClock.now + .seconds(20)
                    while !TestHost.entries(root + "/discarded").isEmpty, ContinuousClock.now < deadline {
                        try await Task.sleep(for: .milliseconds(20))
                    }
                    #expect(TestHost.entries(root + "/discarded").isEmpty)
                    #expect(access(root + "/thread/\(conversation)/kept", F_OK) == 0)
                }
            }
        }

        /// Bound later into a workspace that runs: it has it as much.
        @Test func whatWasPlacedLaterIsBoundToo() async throws {
            try await TestHost.with { host in
                try await host.withPool { pool in
                    let compartment = try await pool.take(for: sessionID)
                    let scratch = VolumeGrant(.session(sessionID), .readWrite)
                    _ = try await compartment.bash("true", grants.filter { $0 != scratch })
                    _ = try await compartment.bash("touch /workspace/session/a", grants + [scratch])
                    await #expect(throws: CompartmentError.self) { try await pool.discardScratch(of: sessionID) }
                }
            }
        }
    }
}
