import Foundation
import Testing

/// What `make run` says and does where it cannot work. Nothing here starts anything.
@Suite struct ScriptTests {
    private struct Outcome {
        let status: Int32
        let output: String
    }

    /// Runs a script of the repository to its end, output and errors together.
    private func run(
        _ arguments: [String], as user: uid_t? = nil, environment: [String: String] = [:]
    ) throws -> Outcome {
        let process = Process()
        let prefix = user.map { ["setpriv", "--reuid=\($0)", "--regid=\($0)", "--clear-groups"] } ?? []
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments = prefix + arguments
        process.currentDirectoryURL = Repository.root
        process.environment = ["PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"]
            .merging(environment) { $1 }
        let output = Pipe()
        process.standardOutput = output
        process.standardError = output
        process.standardInput = FileHandle.nullDevice
        try process.run()
        let bytes = try output.fileHandleForReading.readToEnd() ?? Data()
        process.waitUntilExit()
        return Outcome(status: process.terminationStatus, output: String(decoding: bytes, as: UTF8.self))
    }

    private func withFolder<Result>(_ body: (URL) throws -> Result) throws -> Result {
        let folder = FileManager.default.temporaryDirectory.appending(path: "scripts-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        return try body(folder)
    }

    @Test func anotherSystemIsToldWhatIsNeededAndIsLeftAsItWas() throws {
        try withFolder { folder in
            let system = folder.appending(path: "os-release")
            try "ID=slackware\nVERSION_ID=15.0\n".write(to: system, atomically: true, encoding: .utf8)
            let home = folder.appending(path: "home")
            let outcome = try run(
                ["scripts/run.sh"],
                environment: ["BULKHEAD_OS_RELEASE": system.path, "BULKHEAD_HOME": home.path])
            #expect(outcome.status == 1)
            #expect(outcome.output.contains("Debian 12 or Ubuntu 24.04 (this is: slackware 15.0"), "\(outcome.output)")
            #expect(outcome.output.contains("Nothing was changed"))
            #expect(!FileManager.default.fileExists(atPath: home.path))
        }
    }

    @Test func withoutRootItSaysSoAndWritesNothing() throws {
        // Copied, because another user may not be able to enter the folder of the checkout.
        try withFolder { folder in
            let scripts = folder.appending(path: "scripts")
            try FileManager.default.copyItem(at: Repository.root.appending(path: "scripts"), to: scripts)
            try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: folder.path)
            for script in ["run.sh", "test.sh"] {
                let outcome = try run([scripts.appending(path: script).path], as: 65534)
                #expect(outcome.status == 1)
                #expect(outcome.output.contains("  - root:"), "\(outcome.output)")
            }
            #expect(!FileManager.default.fileExists(atPath: folder.appending(path: ".bulkhead").path))
        }
    }

    @Test func aSecondStartOnOneDataDirectoryNamesTheFirst() throws {
        try withFolder { folder in
            try "4711\n".write(to: folder.appending(path: "run.pid"), atomically: true, encoding: .utf8)
            let holder = "exec 9>\"$1/run.lock\"; flock 9; BULKHEAD_HOME=$1 scripts/run.sh 9>&-"
            let outcome = try run(["bash", "-c", holder, "_", folder.path])
            #expect(outcome.status == 1)
            #expect(outcome.output.contains("runs already"), "\(outcome.output)")
            #expect(outcome.output.contains("process 4711") && outcome.output.contains("make stop"))
            #expect(FileManager.default.fileExists(atPath: folder.appending(path: "run.pid").path))
        }
    }

    @Test func stoppingWhatDoesNotRunIsNoError() throws {
        try withFolder { folder in
            let outcome = try run(["scripts/run.sh", "--stop"], environment: ["BULKHEAD_HOME": folder.path])
            #expect(outcome.status == 0)
            #expect(outcome.output.contains("Nothing runs"), "\(outcome.output)")
        }
    }

    @Test func anUnknownOptionIsRefused() throws {
        let outcome = try run(["scripts/run.sh", "--frobnicate"])
        #expect(outcome.status == 1)
        #expect(outcome.output.contains("--stop | --key"), "\(outcome.output)")
    }
}
