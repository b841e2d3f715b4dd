/// Amounts of money as people write and read them; millionths of a US dollar as they are reckoned with.
package enum Dollars {
    /// `$50`, `$1.23`, four places below a cent. Rounded up: what is said is never less than what went.
    package static func text(_ microdollars: Int64) -> String {
        let sign = microdollars < 0 ? "-" : ""
        let amount = microdollars.magnitude
        if amount % 1_000_000 == 0 { return "\(sign)$\(amount / 1_000_000)" }
        let unit: UInt64 = amount < 10_000 ? 100 : 10_000
        let scale = 1_000_000 / unit
        let rounded = amount / unit + (amount % unit == 0 ? 0 : 1)
        let rest = String(rounded % scale)
        let places = unit == 100 ? 4 : 2
        return "\(sign)$\(rounded / scale)." + String(repeating: "0", count: places - rest.count) + rest
    }

    /// Of `50`, `0.25`: at most six places, nothing but digits and a point. `nil` for anything else, and beyond ten
    /// million dollars.
    package static func parse(_ text: String) -> Int64? {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count <= 2, let whole = parts.first, (1...8).contains(whole.utf8.count), isDigits(whole),
            let dollars = Int64(whole), dollars <= 10_000_000
        else { return nil }
        guard parts.count == 2 else { return dollars * 1_000_000 }
        let places = parts[1]
        guard (1...6).contains(places.utf8.count), isDigits(places),
            let fraction = Int64(places + String(repeating: "0", count: 6 - places.utf8.count))
        else { return nil }
        return dollars * 1_000_000 + fraction
    }

    /// As ``parse(_:)`` reads it.
    package static func plain(_ microdollars: Int64) -> String {
        let (whole, rest) = (microdollars / 1_000_000, microdollars % 1_000_000)
        guard rest != 0 else { return String(whole) }
        var places = String(rest)
        places = String(repeating: "0", count: 6 - places.count) + places
        while places.hasSuffix("0") { places.removeLast() }
        return "\(whole).\(places)"
    }

    private static func isDigits(_ text: Substring) -> Bool { text.utf8.allSatisfy { (48...57).contains($0) } }
}
