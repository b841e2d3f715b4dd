import Foundation

/// A server on this machine's loopback with what everyday tools fetch: a report, a package index, a git repository.
final class FilesServer: Sendable {
    let port: Int
    let tlsPort: Int
    private let process: Command
    private let directory: String

    init() async throws {
        directory = NSTemporaryDirectory() + "files-\(UUID().uuidString)"
        try FileManager.default.createDirectory(
            atPath: directory + "/www/simple/demo", withIntermediateDirectories: true)
        try await Command.shell(
            """
            set -e
            cd '\(directory)'
            echo 'apples and pears' > www/report.txt
            openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=files.test \
                -addext subjectAltName=DNS:files.test -keyout key.pem -out cert.pem 2>/dev/null
            cat cert.pem key.pem > both.pem
            python3 - <<'PYTHON'
            import zipfile
            with zipfile.ZipFile('www/simple/demo/demo-1.0-py3-none-any.whl', 'w') as wheel:
                wheel.writestr('demo/__init__.py', 'fruit = 1\\n')
                info = 'demo-1.0.dist-info/'
                wheel.writestr(info + 'METADATA', 'Metadata-Version: 2.1\\nName: demo\\nVersion: 1.0\\n')
                wheel.writestr(info + 'WHEEL', 'Wheel-Version: 1.0\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n')
                wheel.writestr(info + 'RECORD', '')
            PYTHON
            git init -q work
            cd work
            echo 'plums' > fruit.txt
            git add fruit.txt
            git -c user.name=test -c user.email=test@example.com commit -q -m first
            git clone -q --bare . ../www/demo.git
            cd ../www/demo.git
            git update-server-info
            """)
        process = try Command(
            "/usr/bin/python3",
            [
                "-u", Installation.packageRoot + "/Tests/Simulators/files_server.py", directory + "/www",
                directory + "/both.pem",
            ], holdsInput: true)
        for _ in 0..<200 {
            let output = process.output
            func number(_ mark: String) -> Int? {
                output.split(separator: "\n").first { $0.hasPrefix(mark) }.flatMap { Int($0.dropFirst(mark.count)) }
            }
            if let port = number("listening on "), let tls = number("tls on ") {
                (self.port, tlsPort) = (port, tls)
                return
            }
            try await Task.sleep(for: .milliseconds(50))
        }
        throw Installation.Failure(description: "the server did not start: \(process.errors)")
    }

    /// What happened, a line each.
    var journal: [String] { process.output.split(separator: "\n").map(String.init) }

    func stop() async {
        process.signal(SIGTERM)
        _ = await process.finish()
        try? FileManager.default.removeItem(atPath: directory)
    }
}
