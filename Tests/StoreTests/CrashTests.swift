import Foundation
import Glibc
import Model
import Store
import Testing

/// A child of this very binary writes as fast as it can and says what was acknowledged; it is killed in the middle of it.
@Suite struct CrashTests {
    static let childVariable = "BULKHEAD_CRASH_CHILD"

    @Test func whatWasAcknowledgedSurvivesAKill() async throws {
        for round in 1...3 {
            let folder = TemporaryFolder()
            let acknowledged = try killChild(in: folder.path, after: 150 * round)
            #expect(acknowledged.count >= 150 * round)
            let database = try Store.Database(directory: folder.path)
            let stored = Set(try await database.people().map(\.name))
            #expect(acknowledged.allSatisfy(stored.contains))
            // One transaction each: nobody without a channel.
            for person in try await database.people() { _ = try await database.dmChannel(of: person.id) }
            database.close()
        }
    }

    /// Does nothing where it is not the child.
    @Test func child() async throws {
        guard let path = ProcessInfo.processInfo.environment[Self.childVariable] else { return }
        let database = try Store.Database(directory: path)
        await withTaskGroup(of: Void.self) { group in
            for writer in 0..<16 {
                group.addTask {
                    for number in 0... {
                        let name = "person-\(writer)-\(number)"
                        guard (try? await database.findOrCreatePerson(name: name)) != nil else { exit(3) }
                        let line = Array("ack \(name)\n".utf8)
                        guard write(STDERR_FILENO, line, line.count) == line.count else { exit(4) }
                    }
                }
            }
        }
    }

    private func killChild(in path: String, after count: Int) throws -> [String] {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath()
        process.arguments = ["--testing-library", "swift-testing", "--filter", "CrashTests/child"]
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
        #expect(process.terminationReason == .uncaughtSignal)
        if let rest = try pipe.fileHandleForReading.readToEnd() { output.append(rest) }
        return String(decoding: output, as: UTF8.self).split(separator: "\n").compactMap {
            $0.hasPrefix("ack ") ? String($0.dropFirst(4)) : nil
        }
    }
}
