import Glibc
import MCP

/// One thing measured, beside its floor (what the machine allows at best) or a peer (what others do).
struct Row: Sendable {
    enum Better: String, Sendable {
        case lower, higher
    }

    var name: String
    var value: Double
    var unit: String
    var better: Better
    /// What we are after, as docs/benchmarks.md explains it.
    var target: String
    var peerName: String
    var peer: Double?

    /// How many times the peer's figure ours is.
    var ratio: Double? { peer.flatMap { $0 > 0 ? value / $0 : nil } }

    var json: JSONValue {
        var object: JSONObject = [
            "name": .string(name), "value": .double(value), "unit": .string(unit), "better": .string(better.rawValue),
            "target": .string(target), "beside": .string(peerName),
        ]
        object["besideValue"] = peer.map { .double($0) } ?? .null
        object["ratio"] = ratio.map { .double($0) } ?? .null
        return .object(object)
    }
}

struct Report {
    var rows: [Row] = []
    var failures: [String] = []

    static func say(_ text: String) {
        write(Array((text + "\n").utf8), to: STDERR_FILENO)
    }

    func write(to path: String) throws {
        var load = [Double](repeating: 0, count: 3)
        _ = getloadavg(&load, 3)
        let object: JSONObject = [
            "cores": .int(Int64(sysconf(Int32(_SC_NPROCESSORS_ONLN)))), "loadAtEnd": .array(load.map { .double($0) }),
            "rows": .array(rows.map(\.json)), "failures": .array(failures.map { .string($0) }),
        ]
        let file = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
        guard file >= 0 else { throw BenchError("cannot write \(path): \(String(cString: strerror(errno)))") }
        defer { close(file) }
        Self.write(JSONValue.object(object).serialized() + [10], to: file)
    }

    func print() {
        let header = ["what", "measured", "target", "beside", "ratio"]
        let lines = rows.map { row in
            [
                row.name, "\(Self.text(row.value)) \(row.unit)", row.target,
                row.peer.map { "\(row.peerName): \(Self.text($0)) \(row.unit)" } ?? row.peerName,
                row.ratio.map { "\(Self.text($0)) × (\(row.better.rawValue) is better)" } ?? "",
            ]
        }
        let widths = header.indices.map { column in ([header] + lines).map { $0[column].count }.max() ?? 0 }
        for line in [header] + lines {
            let cells = zip(line, widths).map { text, width in
                text + String(repeating: " ", count: width - text.count)
            }
            Self.write(Array((cells.joined(separator: "  ") + "\n").utf8), to: STDOUT_FILENO)
        }
        for failure in failures { Self.say("not measured: \(failure)") }
    }

    static func text(_ value: Double) -> String {
        guard value < 100 else {
            var digits = Array(String(Int64(value.rounded())))
            var place = digits.count - 3
            while place > 0 {
                digits.insert(",", at: place)
                place -= 3
            }
            return String(digits)
        }
        let scale: Double = value < 10 ? 100 : 10
        return String((value * scale).rounded() / scale)
    }

    private static func write(_ bytes: [UInt8], to descriptor: CInt) {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            guard count > 0 else { return }
            rest = rest.dropFirst(count)
        }
    }
}

/// Times of many repetitions.
struct Samples: Sendable {
    private(set) var milliseconds: [Double] = []

    mutating func add(_ duration: Duration) { milliseconds.append(duration.milliseconds) }
    mutating func add(_ other: Samples) { milliseconds += other.milliseconds }

    func percentile(_ part: Double) -> Double {
        let sorted = milliseconds.sorted()
        guard !sorted.isEmpty else { return .nan }
        return sorted[min(sorted.count - 1, Int(Double(sorted.count) * part))]
    }

    var p50: Double { percentile(0.5) }
    var p99: Double { percentile(0.99) }

    /// Repeats `body`, timing each.
    static func of(_ count: Int, _ body: () async throws -> Void) async throws -> Samples {
        var samples = Samples()
        for _ in 0..<count {
            let start = ContinuousClock.now
            try await body()
            samples.add(ContinuousClock.now - start)
        }
        return samples
    }
}

extension Duration {
    var milliseconds: Double { Double(components.seconds) * 1e3 + Double(components.attoseconds) / 1e15 }
    var inSeconds: Double { milliseconds / 1e3 }
}
