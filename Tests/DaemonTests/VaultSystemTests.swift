import Foundation
import Glibc
import Testing

extension SystemTests {
    /// Secrets through the command line, the daemon and an agent; and that their values are nowhere else.
    @Suite struct VaultSystemTests {
        private let value = "q7-Zk2vault-known-value-5512"

        @Test func aValueIsNowhereButWhereItWasAskedFor() async throws {
            try await withInstallation { bulkhead in
                let set = try await bulkhead.bulkhead(
                    ["secret", "set", "token", "--host", "api.example.com GET /v1/"], input: value + "\n")
                #expect(set.status == 0 && set.output.contains("api.example.com"), "\(set.output)\(set.errors)")
                let company = try await bulkhead.bulkhead(
                    ["secret", "set", "shared", "--company"], input: value + "-two")
                #expect(company.status == 0, "\(company.errors)")
                let listed = try await bulkhead.chat("call secret_list {}")
                #expect(listed.answer?.tools?.first?.result?.contains("token (own)") == true, "\(listed.result.output)")
                // An agent stores one, for no host: the tool is told it, people and the record are not.
                let put = try await bulkhead.chat(
                    "call secret_put {\"name\": \"told\", \"value\": \"\(value)-three\"}")
                #expect(put.answer?.tools?.first?.state == "done", "\(put.result.output)")
                #expect(try await bulkhead.bulkhead(["vault", "rotate"]).status == 0)
                try expectNowhere(bulkhead)
                await bulkhead.stopDaemon()
                try expectNowhere(bulkhead)
                try await bulkhead.startDaemon()

                // Read in the clear, with a person's word: what the assistant then says of it is said. The record has none.
                let read = try await allowed("call secret_get {\"name\": \"token\"}", bulkhead)
                #expect(read.answer?.tools?.first?.state == "done", "\(read.result.output)\(read.result.errors)")
                #expect(read.answer?.tools?.first?.result?.contains(value) == false)
                let export = try await bulkhead.bulkhead(["audit", "export"]).output
                for event in ["secret.set", "secret.read", "vault.rotated"] { #expect(export.contains("\"\(event)\"")) }
                #expect(try await bulkhead.bulkhead(["audit", "verify"]).status == 0)
                let list = try await bulkhead.bulkhead(["secret", "list", "--json"]).output
                for text in [export, list, bulkhead.daemon?.errors ?? "", bulkhead.broker?.errors ?? ""] {
                    #expect(!text.contains(value))
                }
                let again = try await allowed("call secret_get {\"name\": \"shared\"}", bulkhead)
                #expect(again.answer?.tools?.first?.state == "done", "\(again.result.output)")
                let status = try await bulkhead.bulkhead(["vault", "status"])
                #expect(status.status == 0 && status.output.contains("is open"), "\(status.output)")
            }
        }

        @Test func theDaemonsMemoryIsNobodysAndLeavesNoCore() async throws {
            try await withInstallation(settings: "vault:\n  key: environment", isStarted: false) { bulkhead in
                let key = String(repeating: "c4", count: 32)
                setenv("BULKHEAD_VAULT_KEY", key, 1)
                defer { unsetenv("BULKHEAD_VAULT_KEY") }
                try await bulkhead.start()
                #expect(try await bulkhead.bulkhead(["secret", "set", "token"], input: value).status == 0)
                let pid = try #require(bulkhead.daemon?.pid)
                #expect(try !String(decoding: file("/proc/\(pid)/environ"), as: UTF8.self).contains(key))
                let limits = String(decoding: try file("/proc/\(pid)/limits"), as: UTF8.self)
                let core = try #require(limits.split(separator: "\n").first { $0.hasPrefix("Max core file size") })
                #expect(core.split(whereSeparator: \.isWhitespace).suffix(3) == ["0", "0", "bytes"], "\(core)")
                // Not dumpable: what the process is belongs to root, so its own user opens none of it.
                var owner = stat()
                #expect(stat("/proc/\(pid)/environ", &owner) == 0 && owner.st_uid == 0)
            }
        }

        @Test func aMissingKeyClosesTheVaultAndNothingElse() async throws {
            try await withInstallation { bulkhead in
                #expect(try await bulkhead.bulkhead(["secret", "set", "token"], input: value).status == 0)
                await bulkhead.stopDaemon()
                let key = bulkhead.data + "/vault.key"
                try FileManager.default.moveItem(atPath: key, toPath: key + ".aside")
                try await bulkhead.startDaemon()
                let status = try await bulkhead.bulkhead(["vault", "status"])
                #expect(status.status == 1 && status.output.contains("key is missing"), "\(status.output)")
                let set = try await bulkhead.bulkhead(["secret", "set", "other"], input: "another value")
                #expect(set.status != 0 && set.errors.contains("key is missing"), "\(set.errors)")
                #expect(!FileManager.default.fileExists(atPath: key))
                #expect(try await bulkhead.chat("say still here").answer?.reply?.contains("still here") == true)
                await bulkhead.stopDaemon()
                try FileManager.default.moveItem(atPath: key + ".aside", toPath: key)
                try await bulkhead.startDaemon()
                #expect(try await bulkhead.bulkhead(["vault", "status"]).status == 0)
            }
        }

        @Test func commandLinesThatMakeNoSense() async throws {
            try await withInstallation { bulkhead in
                for (arguments, input, status, words) in [
                    (["secret", "set", "a b"], "v", Int32(1), "letters, digits"),
                    (["secret", "set", "x"], "", 2, "no value"),
                    (["secret", "set", "x", "--host", "http://x"], "v", 1, "cannot be bound"),
                    (["secret", "set", "x", "--in", "header:Host"], "v", 1, "no place"),
                    (["secret", "set", "x", "--of-channel", "none"], "v", 1, "no channel"),
                    (["secret", "rm", "x"], "", 1, "no secret"),
                    (["secret", "grant", "x"], "", 2, "--person"),
                    (["secret", "grant", "x", "--person", "nobody-here"], "", 1, "no secret"),
                ] {
                    let result = try await bulkhead.bulkhead(arguments, input: input)
                    #expect(result.status == status && result.errors.contains(words), "\(arguments): \(result.errors)")
                }
            }
        }

        /// A message whose call waits for a word, which root gives.
        private func allowed(_ text: String, _ bulkhead: Installation) async throws -> Installation.ChatResult {
            try await bulkhead.chat(text, ["--approve", "allow"])
        }

        /// Not in a file, not in the environment or the command line of a process of ours.
        private func expectNowhere(_ bulkhead: Installation) throws {
            var looked = 0
            for root in [bulkhead.home, bulkhead.runtime] {
                guard let names = FileManager.default.enumerator(atPath: root) else { continue }
                for case let name as String in names where !name.hasPrefix("bin/") {
                    guard let bytes = FileManager.default.contents(atPath: root + "/" + name) else { continue }
                    looked += 1
                    let data = Data(bytes)
                    let told = data.range(of: Data(value.utf8)) != nil
                    // What a person typed into the chat stands there until it is redacted: `secret_put` was told so.
                    #expect(!told || name.hasPrefix("data/bulkhead.sqlite") && isTypedOnly(data), "\(name)")
                }
            }
            #expect(looked > 5)
            for pid in (try FileManager.default.contentsOfDirectory(atPath: "/proc")).compactMap({ Int32($0) }) {
                for kind in ["environ", "cmdline"] {
                    guard pid != getpid(), let bytes = try? file("/proc/\(pid)/\(kind)") else { continue }
                    #expect(Data(bytes).range(of: Data(value.utf8)) == nil, "\(pid) \(kind)")
                }
            }
        }

        /// Every occurrence is of the value a person typed into the chat for `secret_put`.
        private func isTypedOnly(_ data: Data) -> Bool {
            var rest = data[...]
            while let found = rest.range(of: Data(value.utf8)) {
                guard data[found.upperBound...].starts(with: Data("-three".utf8)) else { return false }
                rest = data[found.upperBound...]
            }
            return true
        }

        private func file(_ path: String) throws -> [UInt8] {
            guard let bytes = FileManager.default.contents(atPath: path) else {
                throw Installation.Failure(description: "\(path) cannot be read")
            }
            return Array(bytes)
        }
    }
}
