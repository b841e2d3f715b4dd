import Foundation

/// `Tests/Simulators/audit_receiver.py`, with a certificate of an authority of its own.
final class Receiver: @unchecked Sendable {
    let folder: String
    let udp: UInt16
    let tcp: UInt16
    let https: UInt16
    private let process = Process()

    struct Failure: Error {
        let message: String
    }

    var authority: String { folder + "/ca.pem" }

    init(token: String? = nil) throws {
        folder = "/tmp/bulkhead-receiver-\(UInt32.random(in: 0...UInt32.max))"
        let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        let make = Process()
        make.executableURL = URL(fileURLWithPath: "/bin/bash")
        make.arguments = [
            "-c",
            """
            cd \(folder) && exec 2>log.openssl
            openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=test-authority \
                -keyout ca.key -out ca.pem &&
            openssl req -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -subj /CN=localhost \
                -keyout server.key -out server.csr &&
            openssl x509 -req -in server.csr -CA ca.pem -CAkey ca.key -CAcreateserial -days 2 -out server.crt \
                -extfile <(echo subjectAltName=DNS:localhost) && cat server.crt server.key >server.pem
            """,
        ]
        try make.run()
        make.waitUntilExit()
        guard make.terminationStatus == 0 else {
            throw Failure(message: (try? String(contentsOfFile: folder + "/log.openssl", encoding: .utf8)) ?? "")
        }
        process.executableURL = URL(fileURLWithPath: "/usr/bin/python3")
        process.arguments = [root.path + "/Simulators/audit_receiver.py", folder] + [token].compactMap { $0 }
        // A pipe of the test run's must not stay open with it.
        process.standardOutput = FileHandle.nullDevice
        process.standardError = FileHandle.nullDevice
        try process.run()
        let deadline = ContinuousClock.now + .seconds(20)
        while !FileManager.default.fileExists(atPath: folder + "/ports") {
            guard process.isRunning, ContinuousClock.now < deadline else { throw Failure(message: "no receiver") }
            usleep(20_000)
        }
        let ports = try String(contentsOfFile: folder + "/ports", encoding: .utf8)
            .split(whereSeparator: \.isWhitespace).compactMap { UInt16($0) }
        (udp, tcp, https) = (ports[0], ports[1], ports[2])
    }

    deinit {
        // Not SIGTERM: the child may have it blocked, as threads of the pool have.
        kill(process.processIdentifier, SIGKILL)
        try? FileManager.default.removeItem(atPath: folder)
    }

    /// The lines of one of its files, once there are so many, or what there is after five seconds.
    func lines(_ name: String, count: Int) -> [String] {
        let deadline = ContinuousClock.now + .seconds(5)
        while true {
            let text = (try? String(contentsOfFile: folder + "/" + name, encoding: .utf8)) ?? ""
            let lines = text.split(separator: "\n").map(String.init)
            if lines.count >= count || ContinuousClock.now > deadline { return lines }
            usleep(20_000)
        }
    }
}
