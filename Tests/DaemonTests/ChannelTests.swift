import Foundation
import Testing

extension SystemTests {
    /// A channel with two people, by the command line alone.
    @Suite struct ChannelTests {
        private func asNobody(_ bulkhead: Installation, _ arguments: [String]) async throws -> Command.Result {
            try await Command.run(
                "/usr/bin/setpriv",
                [
                    "--reuid", "nobody", "--regid", "nogroup", "--clear-groups", bulkhead.home + "/bin/bulkhead",
                ] + arguments + ["--config", bulkhead.configuration])
        }

        @Test func aColleagueIsBroughtInAsksAndIsTakenOut() async throws {
            try await withInstallation { bulkhead in
                #expect(try await bulkhead.bulkhead(["channels", "create", "team"]).status == 0)
                let before = try await asNobody(bulkhead, ["chat", "--once", "run echo hello", "--channel", "team"])
                #expect(before.status == 2 && before.errors.contains("There is no channel"), "\(before)")
                let added = try await bulkhead.bulkhead(["channels", "add", "#team", "nobody"])
                #expect(added.status == 0 && added.output.contains("reads what was said there before"), "\(added)")
                let asked = try await asNobody(bulkhead, ["chat", "--once", "run echo hello", "--channel", "team"])
                #expect(asked.status == 0 && asked.output.contains("hello"), "\(asked)")
                let members = try await bulkhead.bulkhead(["channels", "members", "team"]).output
                #expect(
                    members.split(whereSeparator: \.isNewline).count == 2 && members.contains("nobody"), "\(members)")
                let stranger = try await bulkhead.bulkhead(["channels", "add", "team", "no-such-user"])
                #expect(stranger.status != 0 && stranger.errors.contains("There is nobody called"), "\(stranger)")
                #expect(try await bulkhead.bulkhead(["channels", "remove", "team", "nobody"]).status == 0)
                let after = try await asNobody(bulkhead, ["channels", "members", "team"])
                #expect(after.status == 2, "\(after)")
                let rows = try await bulkhead.bulkhead(["audit", "export"]).output
                #expect(rows.contains("channel.member_added") && rows.contains("channel.member_removed"))
            }
        }
    }
}
