import Foundation

/// `Tests/Simulators/web_server.py`, with a certificate for `api.example.test` of an authority of its own.
final class WebServer: @unchecked Sendable {
    let folder: String
    let port: UInt16
    private let process = Process()

    struct Failure: Error {
        let message: String
    }

    var authority: [UInt8] { (FileManager.default.contents(atPath: folder + "/ca.pem")).map(Array.init) ?? [] }

    init() throws {
        folder = "/tmp/bulkhead-web-\(UInt32.random(in: 0...UInt32.max))"
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
            openssl req -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -subj /CN=api.example.test \
                -keyout server.key -out server.csr &&
            openssl x509 -req -in server.csr -CA ca.pem -CAkey ca.key -CAcreateserial -days 2 -out server.crt \
                -extfile <(echo subjectAltName=DNS:api.example.test) && cat server.crt server.key >server.pem
            """,
        ]
        try make.run()
        make.waitUntilExit()
        guard make.terminationStatus == 0 else {
            throw Failure(message: (try? String(contentsOfFile: folder + "/log.openssl", encoding: .utf8)) ?? "")
        }
        process.executableURL = URL(fileURLWithPath: "/usr/bin/python3")
        process.arguments = [root.path + "/Simulators/web_server.py", folder]
        process.standardOutput = FileHandle.nullDevice
        process.standardError = FileHandle.nullDevice
        try process.run()
        let deadline = ContinuousClock.now + .seconds(20)
        while !FileManager.default.fileExists(atPath: folder + "/port") {
            guard process.isRunning, ContinuousClock.now < deadline else { throw Failure(message: "no server") }
            usleep(20_000)
        }
        port = UInt16(try String(contentsOfFile: folder + "/port", encoding: .utf8)) ?? 0
    }

    deinit {
        kill(process.processIdentifier, SIGKILL)
        try? FileManager.default.removeItem(atPath: folder)
    }

    var requests: [String] {
        ((try? String(contentsOfFile: folder + "/requests", encoding: .utf8)) ?? "").split(separator: "\n")
            .map(String.init)
    }
}
