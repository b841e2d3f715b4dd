import Foundation
import Glibc
import Audit
import MCP
import Model
import Store
import Testing

/// A child of this very binary appends as fast as it can and is killed in the middle of it.
@Suite struct AuditCrashTests {
    static let childVariable = "BULKHEAD_AUDIT_CRASH_CHILD"

    @Test func theChainIsWholeAfterAKill() async throws {
        let folder = TemporaryFolder()
        for round in 1...3 {
            let acknowledged = try killChild(in: folder.path, after: 300)
            let database = try Store.Database(directory: folder.path)
            let audit = try await AuditLog.open(database)
            #expect(audit.gap == nil, "round \(round): \(audit.gap?.description ?? "")")
            let verification = try await audit.verify()
            #expect(verification.isWhole, "\(verification.problems)")
            #expect(verification.provableTo >= acknowledged)
            database.close()
        }
    }

    /// Does nothing where it is not the child.
    @Test func child() async throws {
        guard let path = ProcessInfo.processInfo.environment[Self.childVariable] else { return }
        let audit = try await AuditLog.open(try Store.Database(directory: path))
        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<16 {
                group.addTask {
                    while true {
                        guard let number = try? await audit.event("test", details: ["a": "b"]) else { exit(3) }
                        let line = Array("ack \(number)\n".utf8)
                        guard write(STDERR_FILENO, line, line.count) == line.count else { exit(4) }
                    }
                }
            }
        }
    }

    /// The highest number that was acknowledged.
    private func killChild(in path: String, after count: Int) throws -> Int64 {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath()
        process.arguments = ["--testing-library", "swift-testing", "--filter", "AuditCrashTests/child"]
        process.environment = ProcessInfo.processInfo.environment.merging([Self.childVariable: path]) { $1 }
        let pipe = Pipe()
        process.standardError = pipe
        process.standardOutput = FileHandle.nullDevice
        try process.run()
        try pipe.fileHandleForWriting.close()
        var output = Data()
        var seen = 0
        while seen < count, let more = try pipe.fileHandleForReading.read(upToCount: 4096), !more.isEmpty {
            output.append(more)
            seen += more.count { $0 == 0x0A }
        }
        kill(process.processIdentifier, SIGKILL)
        process.waitUntilExit()
        if let rest = try pipe.fileHandleForReading.readToEnd() { output.append(rest) }
        return String(decoding: output, as: UTF8.self).split(separator: "\n").compactMap {
            $0.hasPrefix("ack ") ? Int64($0.dropFirst(4)) : nil
        }.max() ?? 0
    }
}
