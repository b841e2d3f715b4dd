import Glibc

/// `make bench`: measures this build beside floors and peers, in the same run. See docs/benchmarks.md.
@main
enum Bench {
    static func main() async {
        signal(SIGPIPE, SIG_IGN)
        let arguments = Array(CommandLine.arguments.dropFirst())
        do {
            if arguments == ["serve-noop"] { return try await NoOpServer.run() }
            let options = try Options(arguments)
            var report = Report()
            for (name, measure) in groups where options.wants(name) {
                Report.say("measuring: \(name)")
                do {
                    report.rows += try await measure(options)
                } catch {
                    // The other rows are worth having all the same, and this one is not left out in silence.
                    report.failures.append("\(name): \(error)")
                }
            }
            try report.write(to: options.json)
            report.print()
            exit(report.failures.isEmpty ? 0 : 1)
        } catch {
            Report.say("error: \(error)")
            exit(2)
        }
    }

    private typealias Group = (String, @Sendable (Options) async throws -> [Row])

    private static var groups: [Group] {
        [
            ("gate", GateRows.measure), ("protocol", ProtocolRows.measure), ("audit", AuditRows.measure),
            ("leaks", LeakRows.measure), ("containers", ContainerRows.measure), ("daemon", DaemonRows.measure),
            ("egress", EgressRows.measure), ("route", RouteRows.measure), ("slack", SlackRows.measure),
            ("tasks", TaskRows.measure),
            ("gateway", GatewayRows.measure),
        ]
    }
}

/// What `scripts/bench.sh` passes.
struct Options: Sendable {
    /// Where the release build's programs are.
    var products = ""
    /// The repository.
    var root = ""
    /// A Python with the official MCP SDK.
    var python = ""
    /// A directory of this run's own, on the disk that is to be measured.
    var work = ""
    var json = ""
    /// The images' tag.
    var tag = "bench"
    private var only: [String] = []

    init(_ arguments: [String]) throws(BenchError) {
        var rest = arguments[...]
        while let name = rest.popFirst() {
            guard let value = rest.popFirst() else { throw BenchError("\(name) needs a value") }
            switch name {
            case "--products": products = value
            case "--root": root = value
            case "--python": python = value
            case "--work": work = value
            case "--json": json = value
            case "--tag": tag = value
            case "--only": only.append(value)
            default: throw BenchError("unknown option \(name)")
            }
        }
        for (name, value) in [
            ("--products", products), ("--root", root), ("--python", python), ("--work", work), ("--json", json),
        ] where value.isEmpty {
            throw BenchError("\(name) is missing: use scripts/bench.sh, which passes it")
        }
    }

    func wants(_ group: String) -> Bool { only.isEmpty || only.contains(group) }

    /// A new, empty directory.
    func directory(_ name: String) throws(BenchError) -> String {
        let path = "\(work)/\(name)"
        guard mkdir(path, 0o700) == 0 else {
            throw BenchError("cannot make \(path): \(String(cString: strerror(errno)))")
        }
        return path
    }
}

struct BenchError: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) {
        self.description = description
    }
}
