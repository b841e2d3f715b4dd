/// `30s`, `5m`, `2h`, `500ms`, `1d`: a whole number and its unit. A bare number is refused, because people read it
/// differently.
enum DurationText {
    private static let units: [(name: String, milliseconds: Int64)] = [
        ("d", 86_400_000), ("h", 3_600_000), ("m", 60_000), ("s", 1000), ("ms", 1),
    ]

    static func parse(_ text: String) -> Duration? {
        guard let (number, unit) = splitNumber(text),
            let factor = units.first(where: { $0.name == unit })?.milliseconds
        else { return nil }
        let (product, overflow) = Int64(number).multipliedReportingOverflow(by: factor)
        return overflow ? nil : .milliseconds(product)
    }

    static func text(_ duration: Duration) -> String {
        let (seconds, attoseconds) = duration.components
        let milliseconds = seconds &* 1000 &+ attoseconds / 1_000_000_000_000_000
        let unit = units.first { milliseconds % $0.milliseconds == 0 } ?? ("ms", 1)
        return milliseconds == 0 ? "0s" : "\(milliseconds / unit.milliseconds)\(unit.name)"
    }
}

/// `512MiB`, `64KiB`, `2GiB`, `100B`.
enum ByteSize {
    private static let units: [(name: String, bytes: Int)] = [
        ("GiB", 1 << 30), ("MiB", 1 << 20), ("KiB", 1 << 10), ("B", 1),
    ]

    static func parse(_ text: String) -> Int? {
        guard let (number, unit) = splitNumber(text), let factor = units.first(where: { $0.name == unit })?.bytes
        else { return nil }
        let (product, overflow) = number.multipliedReportingOverflow(by: factor)
        return overflow ? nil : product
    }

    static func text(_ bytes: Int) -> String {
        let unit = units.first { bytes % $0.bytes == 0 } ?? ("B", 1)
        return bytes == 0 ? "0B" : "\(bytes / unit.bytes)\(unit.name)"
    }
}

private func splitNumber(_ text: String) -> (number: Int, unit: String)? {
    let digits = text.prefix { $0.isASCII && $0.isNumber }
    guard let number = Int(digits) else { return nil }
    return (number, String(text[digits.endIndex...]).trimmingSpace)
}

extension String {
    /// `64 MiB` is as good as `64MiB`.
    fileprivate var trimmingSpace: String { String(drop { $0 == " " }) }
}
