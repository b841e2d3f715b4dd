import Foundation
import Testing

/// `scripts/toolchain.sh` against a server, a toolchain and a signing key of the test's own. The script is run as it stands
/// but for the constants that name the official ones: no option could loosen them on a real machine.
@Suite(.serialized, .timeLimit(.minutes(5))) struct ToolchainTests {
    private struct Outcome {
        let status: Int32
        let path: String
        let talk: String
        /// What is in the folder that stands for /opt.
        let installed: [String]
    }

    /// What happened to the download before the script got it.
    enum Tampering: CaseIterable {
        case none, archiveChanged, signatureOfAnotherKey, signatureMissing, keysMissing, archiveMissing, hostUnreachable
        /// Signed as it should be, but of no use here.
        case doesNotRun
    }

    private static func run(_ tampering: Tampering) throws -> Outcome {
        let folder = FileManager.default.temporaryDirectory.appending(path: "toolchain-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let script = try Repository.text("scripts/toolchain.sh")
        try FileManager.default.copyItem(
            at: Repository.root.appending(path: "scripts/lib.sh"), to: folder.appending(path: "lib.sh"))
        try script.write(to: folder.appending(path: "toolchain.sh"), atomically: true, encoding: .utf8)
        try fixture.write(to: folder.appending(path: "fixture.sh"), atomically: true, encoding: .utf8)

        let process = Process()
        process.executableURL = URL(filePath: "/bin/bash")
        process.arguments = [folder.appending(path: "fixture.sh").path, folder.path, "\(tampering)"]
        process.environment = ["PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "HOME": folder.path, "LC_ALL": "C"]
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = FileHandle.nullDevice
        let log = folder.appending(path: "fixture.log")
        _ = FileManager.default.createFile(atPath: log.path, contents: nil)
        process.standardError = try FileHandle(forWritingTo: log)
        try process.run()
        process.waitUntilExit()
        func text(_ name: String) -> String {
            (try? String(contentsOf: folder.appending(path: name), encoding: .utf8)) ?? ""
        }
        try #require(process.terminationStatus == 0, "the fixture failed: \(text("fixture.log"))")
        return Outcome(
            status: Int32(text("status").trimmingCharacters(in: .whitespacesAndNewlines)) ?? -1,
            path: text("path").trimmingCharacters(in: .whitespacesAndNewlines)
                .replacing(folder.path, with: "FOLDER"), talk: text("talk"),
            installed: try FileManager.default.contentsOfDirectory(atPath: folder.appending(path: "opt").path))
    }

    /// Makes keys, a toolchain that answers `--version`, its signature and a server; runs the script; notes what it did.
    private static let fixture = #"""
        set -euo pipefail
        folder=$1 tampering=$2
        cd "$folder"
        mkdir opt www build
        version=$(sed -n 's/^version=//p' toolchain.sh)
        platform=$(. /etc/os-release && echo "$ID$VERSION_ID")
        suffix=; [ "$(uname -m)" != aarch64 ] || suffix=-aarch64
        below=www/swift-$version-release/${platform//./}$suffix/swift-$version-RELEASE
        archive=$below/swift-$version-RELEASE-$platform$suffix.tar.gz
        mkdir -p "$below" www/keys build/swift/usr/bin
        answer="Swift version $version (swift-$version-RELEASE)"
        [ "$tampering" != doesNotRun ] || answer="Swift version 5.9"
        printf '#!/bin/sh\necho "%s"\n' "$answer" > build/swift/usr/bin/swift
        chmod +x build/swift/usr/bin/swift
        tar -C build -czf "$archive" swift

        # Two keys: the one that is pinned, and one that is not.
        for name in release other; do
            mkdir -m 700 "$name"
            gpg --homedir "$name" --batch --quiet --passphrase '' --quick-generate-key "$name@example.com" default sign never
            gpg --homedir "$name" --batch --armor --export >> www/keys/release-key-swift-6.x.asc
        done
        signer=release
        [ "$tampering" != signatureOfAnotherKey ] || signer=other
        gpg --homedir "$signer" --batch --armor --output "$archive.sig" --detach-sign "$archive"
        pinned=$(gpg --homedir release --batch --with-colons --list-keys | awk -F: '$1 == "fpr" && !seen++ { print $10 }')
        for name in release other; do gpgconf --homedir "$name" --kill all; done
        case $tampering in
            archiveChanged) printf x >> "$archive" ;;
            signatureMissing) rm "$archive.sig" ;;
            keysMissing) rm -r www/keys ;;
            archiveMissing) rm "$archive" ;;
        esac

        # There before the server is: it is looked into at once.
        : > server.log
        python3 -u -m http.server 0 --bind 127.0.0.1 --directory www > server.log 2>&1 &
        server=$!
        # Not TERM, which a child of a test inherits blocked; and gone before this ends, or the test waits for it.
        end_server() { kill -KILL $server; wait $server || true; }
        trap end_server EXIT
        for _ in $(seq 200); do
            port=$(sed -n 's/.*port \([0-9]*\) .*/\1/p' server.log)
            [ -z "$port" ] || break
            sleep 0.05
        done
        if [ "$tampering" = hostUnreachable ]; then
            end_server 2> /dev/null
            trap - EXIT
        fi
        sed -i -e "s|^prefix=.*|prefix=$folder/opt|" -e "s|^downloads=.*|downloads=http://127.0.0.1:$port|" \
            -e "s|^keys=.*|keys=http://127.0.0.1:$port/keys|" -e "s|^signing_key=.*|signing_key=$pinned|" toolchain.sh
        [ "$(grep -cE "^(prefix=$folder|downloads=http://127|keys=http://127|signing_key=$pinned)" toolchain.sh)" = 4 ]
        status=0
        mkdir tmp
        TMPDIR=$folder/tmp bash toolchain.sh > path 2> talk < /dev/null || status=$?
        echo $status > status
        [ -z "$(ls -A tmp)" ] || { echo "left in TMPDIR: $(ls -A tmp)" >&2; exit 1; }
        """#

    @Test func aGoodSignatureIsInstalledAndNamed() throws {
        let outcome = try Self.run(.none)
        #expect(outcome.status == 0, "\(outcome.talk)")
        #expect(outcome.installed.count == 1 && outcome.installed[0].hasPrefix("swift-6."), "\(outcome.installed)")
        #expect(outcome.path == "FOLDER/opt/\(outcome.installed.first ?? "")/usr/bin")
        #expect(outcome.talk.contains("good signature"))
    }

    @Test(arguments: [
        (Tampering.archiveChanged, "the file was changed; it was not installed"),
        (.signatureOfAnotherKey, "is not by Swift's release key"),
        (.signatureMissing, "could not fetch the signature"),
        (.keysMissing, "could not fetch Swift's public keys"),
        (.archiveMissing, "could not fetch"),
        (.hostUnreachable, "could not fetch"),
        (.doesNotRun, "older than 6.3; it was not installed"),
    ])
    func anythingElseIsRefusedWithASentenceAndLeavesNothing(tampering: Tampering, sentence: String) throws {
        let outcome = try Self.run(tampering)
        #expect(outcome.status == 1, "\(outcome.talk)")
        #expect(outcome.talk.contains(sentence), "\(outcome.talk)")
        #expect(outcome.talk.contains("Install Swift 6.3 yourself"), "\(outcome.talk)")
        #expect(outcome.path.isEmpty)
        #expect(outcome.installed.isEmpty, "left behind: \(outcome.installed)")
    }
}
