import Foundation
import Testing

extension SystemTests {
    /// What a sandbox can fill is its own disk, in bytes and in files, and others go on.
    @Suite struct VolumeDiskTests {
        private func freeOf(_ path: String) async throws -> (bytes: Int, files: Int) {
            let line = try await Command.shell("df --output=avail,iavail -B1 \(path) | tail -n 1")
            let fields = line.split(separator: " ").compactMap {
                Int($0.trimmingCharacters(in: .whitespacesAndNewlines))
            }
            return (fields.first ?? -1, fields.last ?? -1)
        }

        @Test func aSandboxThatFillsTheVolumesFillsNothingElse() async throws {
            try await withInstallation(volumesMegabytes: 64) { bulkhead in
                let flags = try await Command.shell("findmnt -no OPTIONS \(bulkhead.home)/volumes")
                #expect(flags.contains("nosuid") && flags.contains("nodev"), "\(flags)")
                let other = try await bulkhead.chat("write kept.txt: kept words")
                let otherThread = try #require(other.answer?.conversation)
                let before = try await freeOf(bulkhead.data)
                let sound = try await bulkhead.bulkhead(["doctor", "--json"])
                #expect(sound.output.contains("on a filesystem of their own"), "\(sound.output)")

                // Bytes.
                let filler = try await bulkhead.chat("run head -c 200M /dev/zero > fill; echo status $?")
                let thread = try #require(filler.answer?.conversation)
                #expect("\(filler)".contains("No space left on device"), "\(filler)")
                let full = try await freeOf(bulkhead.home + "/volumes")
                #expect(full.bytes < 1 << 20, "\(full)")
                let refused = try await bulkhead.chat(
                    "write more.txt: \(String(repeating: "x", count: 20_000))", ["--thread", thread])
                #expect("\(refused)".contains("no space is left"), "\(refused)")
                let after = try await freeOf(bulkhead.data)
                #expect(
                    before.bytes - after.bytes < 80 << 20,
                    "the database's disk lost \(before.bytes - after.bytes) bytes")
                let told = try await bulkhead.bulkhead(["doctor", "--json"])
                #expect(told.output.contains("raise containers.volumes_size"), "\(told.output)")
                // What is there can be read, by others and in conversations that begin now.
                let reading = try await bulkhead.chat("read kept.txt", ["--thread", otherThread])
                #expect(reading.answer?.reply?.contains("kept words") == true, "\(reading)")
                let fresh = try await bulkhead.chat("run echo begun")
                #expect(fresh.answer?.reply?.contains("begun") == true, "\(fresh)")

                // Cleaned, and on it goes.
                _ = try await bulkhead.chat("run rm fill; ls", ["--thread", thread])
                let again = try await bulkhead.chat(
                    "write new.txt: new words\nread new.txt", ["--thread", otherThread])
                #expect(again.answer?.reply?.contains("new words") == true, "\(again)")

                // Files, of no bytes each.
                let many = "python3 -c 'for i in range(10**6): open(\"n%d\" % i, \"w\")' 2>&1 | tail -n 1"
                let files = try await bulkhead.chat("run mkdir many; cd many; \(many)", ["--thread", thread])
                #expect("\(files)".contains("No space left on device"), "\(files)")
                #expect(try await freeOf(bulkhead.home + "/volumes").files == 0)
                let begun = try await bulkhead.chat("run echo begun")
                #expect("\(begun)".contains("filesystem of the volumes is full"), "\(begun)")
                #expect(try await freeOf(bulkhead.data).files > 1000)
                _ = try await bulkhead.chat("run rm -r many", ["--thread", thread])
                let last = try await bulkhead.chat("run echo begun again")
                #expect(last.answer?.reply?.contains("begun again") == true, "\(last)")
                #expect(try await bulkhead.bulkhead(["audit", "verify"]).status == 0)
            }
        }

        /// The script that makes and mounts them, by itself.
        @Test func theVolumesFilesystemIsNeverFormattedTwiceNorHidesFiles() async throws {
            let home = "/var/tmp/bulkhead-volumes-\(UInt32.random(in: 0...UInt32.max))"
            let script = Installation.packageRoot + "/scripts/volumes.sh"
            func volumes(_ words: String) async throws -> Command.Result {
                try await Command.run("/bin/bash", ["-c", "\(script) \(words)"])
            }
            func holds(_ file: String) -> Bool { FileManager.default.fileExists(atPath: home + "/" + file) }
            try await Command.shell("mkdir -p \(home)/volumes")
            do {
                // Files that are there stay, and are said to be where they are.
                try await Command.shell("mkdir -p \(home)/volumes/user/a; echo x > \(home)/volumes/user/a/f")
                let left = try await volumes("mount \(home) \(64 << 20)")
                #expect(left.status == 0 && left.errors.contains("holds files"), "\(left)")
                #expect(!holds("volumes.img") && holds("volumes/user/a/f"))
                try await Command.shell("rm -r \(home)/volumes/user")
                // None wanted, none made.
                #expect(try await volumes("mount \(home) 0").status == 0)
                #expect(!holds("volumes.img"))
                // Made, mounted, and there again with what was in it.
                #expect(try await volumes("mount \(home) \(64 << 20)").status == 0)
                #expect(try await Command.shell("stat -c '%a %U' \(home)/volumes") == "710 root\n")
                try await Command.shell("mkdir \(home)/volumes/user; echo kept > \(home)/volumes/user/f")
                #expect(try await volumes("unmount \(home)").status == 0)
                #expect(!holds("volumes/user/f"))
                // Larger with the setting, smaller never.
                #expect(try await volumes("mount \(home) \(128 << 20)").status == 0)
                #expect(holds("volumes/user/f"))
                let size = try await Command.shell("df --output=size -B1M \(home)/volumes | tail -n 1")
                #expect(Int(size.trimmingCharacters(in: .whitespacesAndNewlines)) ?? 0 > 90, "\(size)")
                #expect(try await volumes("unmount \(home)").status == 0)
                #expect(try await volumes("mount \(home) \(64 << 20)").status == 0)
                #expect(holds("volumes/user/f"))
                #expect(try await volumes("unmount \(home)").status == 0)
                // Files below the mount point, and an image: neither is hidden.
                try await Command.shell("echo y > \(home)/volumes/stray")
                let both = try await volumes("mount \(home) \(64 << 20)")
                #expect(both.status == 1 && both.errors.contains("one would hide the other"), "\(both)")
                try await Command.shell("rm \(home)/volumes/stray")
                // An image that cannot be mounted is not replaced, and nothing starts.
                try await Command.shell(
                    "cp --sparse=always \(home)/volumes.img \(home)/kept; head -c 4096 /dev/zero | dd of=\(home)/volumes.img conv=notrunc status=none"
                )
                let broken = try await volumes("mount \(home) \(64 << 20)")
                #expect(broken.status == 1 && broken.errors.contains("cannot be mounted"), "\(broken)")
                try await Command.shell("mv \(home)/kept \(home)/volumes.img")
                #expect(try await volumes("mount \(home) \(64 << 20)").status == 0)
                #expect(holds("volumes/user/f"))
                // A link in their place is not followed.
                #expect(try await volumes("unmount \(home)").status == 0)
                try await Command.shell("rmdir \(home)/volumes; ln -s /etc \(home)/volumes")
                let link = try await volumes("mount \(home) \(64 << 20)")
                #expect(link.status == 1 && link.errors.contains("is a link"), "\(link)")
            } catch {
                Issue.record("\(error)")
            }
            _ = try await Command.run(
                "/bin/bash",
                ["-c", "mountpoint -q \(home)/volumes && umount \(home)/volumes; rm -rf --one-file-system \(home)"])
        }
    }
}
