internal import MCP
internal import Model

/// What is wrong with a price book, as the end of a sentence that begins with the file's name.
package struct PriceBookError: Error, Hashable, Sendable, CustomStringConvertible {
    package var description: String

    init(_ description: String) {
        self.description = description
    }
}

extension PriceBook {
    /// The prices that come with this version.
    package static let shipped: PriceBook = {
        // A test reads it: what is compiled in cannot be wrong only where it runs.
        (try? PriceBook(json: PackageResources.prices_json)) ?? PriceBook([:])
    }()

    /// Reads `{"models": {NAME: [{"from": "2026-01-31", "input": "3", "output": "15", "cache_read": "0.30", "cache_write_5m":
    /// "3.75", "cache_write_1h": "6", "above"?: {"input_tokens": 200000, …the same prices}}]}}`: US dollars per million
    /// tokens as texts, so that no rounding comes in between. Unknown members are refused: a misspelt price is a wrong bill.
    package init(json bytes: [UInt8]) throws(PriceBookError) {
        let value: JSONValue
        do {
            value = try JSONValue(parsing: bytes)
        } catch {
            throw PriceBookError("is no JSON: \(error.reason) (at byte \(error.offset))")
        }
        guard let root = value.objectValue, let models = root["models"]?.objectValue else {
            throw PriceBookError("has no models")
        }
        for name in root.keys where name != "models" && name != "note" {
            throw PriceBookError("has the unknown member \(name.prefix(60))")
        }
        var book: [String: [Dated]] = [:]
        for (name, list) in models {
            guard let list = list.arrayValue, !list.isEmpty, !name.isEmpty else {
                throw PriceBookError("has no list of prices for \(name.prefix(60))")
            }
            var prices: [Dated] = []
            for item in list { prices.append(try Self.dated(item, of: name)) }
            guard Set(prices.map(\.from)).count == prices.count else {
                throw PriceBookError("has two prices for \(name.prefix(60)) from the same day on")
            }
            book[name] = prices
        }
        self.init(book)
    }

    private static let rateNames = ["input", "output", "cache_read", "cache_write_5m", "cache_write_1h"]

    private static func dated(_ value: JSONValue, of model: String) throws(PriceBookError) -> Dated {
        let place = "for \(model.prefix(60))"
        guard let object = value.objectValue, let day = object["from"]?.stringValue.flatMap(Self.day) else {
            throw PriceBookError("has a price \(place) without a day it holds from (\"from\": \"2026-01-31\")")
        }
        for name in object.keys where !(rateNames + ["from", "above"]).contains(name) {
            throw PriceBookError("has the unknown member \(name.prefix(60)) \(place)")
        }
        var price = ModelPrice(try rates(object, place))
        if let above = object["above"] {
            guard let above = above.objectValue, let tokens = above["input_tokens"]?.intValue, tokens > 0,
                above.keys.allSatisfy({ rateNames.contains($0) || $0 == "input_tokens" })
            else {
                throw PriceBookError("has an \"above\" \(place) that is no number of input tokens and their prices")
            }
            price.long = ModelPrice.Long(above: Int64(tokens), rates: try rates(above, place))
        }
        return Dated(from: day, price: price)
    }

    private static func rates(_ object: JSONObject, _ place: String) throws(PriceBookError) -> TokenRates {
        func rate(_ name: String) throws(PriceBookError) -> Int64 {
            guard let text = object[name]?.stringValue, let rate = Self.rate(text) else {
                throw PriceBookError("has no price \(name) \(place) in dollars per million tokens (\"3.75\")")
            }
            return rate
        }
        return TokenRates(
            input: try rate("input"), output: try rate("output"), cacheRead: try rate("cache_read"),
            cacheWrite5m: try rate("cache_write_5m"), cacheWrite1h: try rate("cache_write_1h"))
    }

    /// Of `3.75`, in millionths; up to $100,000 and six places.
    private static func rate(_ text: String) -> Int64? {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        guard (1...2).contains(parts.count),
            parts.allSatisfy({ !$0.isEmpty && $0.utf8.allSatisfy { (48...57).contains($0) } }),
            let whole = Int64(parts[0]), whole <= 100_000
        else { return nil }
        guard parts.count == 2 else { return whole * 1_000_000 }
        guard parts[1].utf8.count <= 6,
            let fraction = Int64(parts[1] + String(repeating: "0", count: 6 - parts[1].utf8.count))
        else { return nil }
        return whole * 1_000_000 + fraction
    }

    /// `2026-01-31`, at midnight in UTC.
    private static func day(_ text: String) -> Timestamp? {
        let parts = text.split(separator: "-", omittingEmptySubsequences: false)
        guard parts.map(\.utf8.count) == [4, 2, 2], let year = Int(parts[0]), let month = Int(parts[1]),
            let day = Int(parts[2]), (1970...9999).contains(year), (1...12).contains(month), (1...31).contains(day)
        else { return nil }
        // Years taken to begin in March: a leap day is the last of its year.
        let (shifted, index) = (month <= 2 ? year - 1 : year, (month + 9) % 12)
        let days = shifted * 365 + shifted / 4 - shifted / 100 + shifted / 400 + (153 * index + 2) / 5 + day - 719_469
        return Timestamp(milliseconds: Int64(days) * 86_400_000)
    }
}
