import MCP
import Model
import Testing

@testable import ModelGateway

@Suite struct PriceBookTests {
    private static func flat(_ input: Int64, _ output: Int64) -> PriceBook.Dated {
        PriceBook.Dated(
            from: Timestamp(milliseconds: 0),
            price: ModelPrice(
                TokenRates(
                    input: input, output: output, cacheRead: input / 10, cacheWrite5m: input * 5 / 4,
                    cacheWrite1h: input * 2)))
    }

    private let book = PriceBook([
        "big": [flat(5_000_000, 25_000_000)], "big-lite": [flat(1_000_000, 5_000_000)],
        "odd": [
            PriceBook.Dated(
                from: Timestamp(milliseconds: 0),
                price: ModelPrice(
                    TokenRates(input: 1, output: 1, cacheRead: 900_000_000, cacheWrite5m: 0, cacheWrite1h: 0)))
        ],
    ])
    private let now = Timestamp(milliseconds: 1_796_040_000_000)

    @Test func costsAddUp() {
        let usage = TokenUsage(
            input: 1_000_000, output: 1000, cacheRead: 10_000, cacheWrite5m: 1000, cacheWrite1h: 1000)
        // 5,000,000 + 25,000 + 5,000 + 6,250 + 10,000
        #expect(book.price(of: "big", at: now)?.microdollars(for: usage) == 5_046_250)
    }

    @Test func partsOfAMicrodollarAreRoundedUp() {
        let rates = TokenRates(input: 1, output: 0, cacheRead: 0, cacheWrite5m: 0, cacheWrite1h: 0)
        #expect(rates.microdollars(for: TokenUsage(input: 1)) == 1)
        #expect(ModelPrice.free.microdollars(for: TokenUsage(input: 1_000_000_000)) == 0)
    }

    @Test func aDatedModelIsItsFamily() {
        #expect(book.price(of: "big-lite-20260101", at: now) == book.price(of: "big-lite", at: now))
        #expect(book.price(of: "big-20260101", at: now) == book.price(of: "big", at: now))
        #expect(book.price(of: "big-lite@eu", at: now) == book.price(of: "big-lite", at: now))
    }

    @Test func anUnknownModelHasNoPriceAndTheDearestIsNeverFree() {
        for name in ["bigger", "", "new", "BIG"] { #expect(book.price(of: name, at: now) == nil) }
        #expect(book.dearest?.rates.input == 5_000_000 && book.dearest?.rates.output == 25_000_000)
        #expect(book.dearest?.rates.cacheRead == 900_000_000)
        #expect(PriceBook([:]).dearest == nil)
    }

    @Test func nothingOverflows() {
        let rates = TokenRates(input: .max, output: .max, cacheRead: .max, cacheWrite5m: 1, cacheWrite1h: 1)
        #expect(rates.microdollars(for: TokenUsage(input: .max, output: .max)) > 1_000_000_000)
    }

    @Test func everyDefaultModelHasAPrice() {
        let configuration = GatewayConfiguration.anthropic(AnthropicConfiguration { nil })
        #expect(PriceBook.shipped.models.count >= 9)
        for target in configuration.targets.values.joined() {
            #expect(configuration.prices.price(of: target.model, at: now) != nil)
        }
    }

    // MARK: The file

    private static func file(_ price: String) -> [UInt8] {
        Array("{\"models\": {\"m\": [\(price)]}}".utf8)
    }

    private static let price =
        #""input": "3", "output": "15", "cache_read": "0.30", "cache_write_5m": "3.75", "cache_write_1h": "6""#

    @Test func aPriceHoldsFromItsDayOn() throws {
        let book = try PriceBook(
            json: Self.file(
                #"{"from": "2026-03-13", \#(Self.price)}, {"from": "2024-02-29", \#(Self.price.replacing("\"3\"", with: "\"4.5\""))}"#
            ))
        func input(_ milliseconds: Int64) -> Int64? {
            book.price(of: "m", at: Timestamp(milliseconds: milliseconds))?.rates.input
        }
        // 2026-03-13T00:00:00Z is 1,773,360,000 seconds, 2024-02-29 1,709,164,800.
        #expect(input(1_773_360_000_000 - 1) == 4_500_000 && input(1_773_360_000_000) == 3_000_000)
        #expect(book.models["m"]?.map(\.from.milliseconds) == [1_709_164_800_000, 1_773_360_000_000])
        // What was asked before there was a price is billed at the first.
        #expect(input(0) == 4_500_000)
    }

    @Test func aLongCallCostsItsOwnPrices() throws {
        let long = Self.price.replacing("\"3\"", with: "\"6\"").replacing("\"15\"", with: "\"22.50\"")
        let book = try PriceBook(
            json: Self.file(#"{"from": "2026-01-01", \#(Self.price), "above": {"input_tokens": 200000, \#(long)}}"#))
        let price = try #require(book.price(of: "m", at: now))
        // What was read from the cache counts: 200,000 in all is not above.
        #expect(price.microdollars(for: TokenUsage(input: 100_000, output: 1_000, cacheRead: 100_000)) == 345_000)
        // One more, and all of it costs the higher prices.
        #expect(price.microdollars(for: TokenUsage(input: 100_001, output: 1_000, cacheRead: 100_000)) == 652_506)
    }

    @Test func theOperatorsPricesReplaceThoseOfTheirModel() throws {
        let own = try PriceBook(json: Self.file(#"{"from": "2026-01-01", \#(Self.price)}"#))
        let book = PriceBook.shipped.overridden(by: own)
        #expect(book.price(of: "m", at: now)?.rates.output == 15_000_000)
        #expect(book.price(of: "claude-haiku-4-5", at: now) == PriceBook.shipped.price(of: "claude-haiku-4-5", at: now))
        let dearer = PriceBook(["claude-haiku-4-5": try #require(own.models["m"])])
        #expect(
            PriceBook.shipped.overridden(by: dearer).price(of: "claude-haiku-4-5", at: now)?.rates.input == 3_000_000)
    }

    @Test(arguments: [
        ("", "has no list of prices"), (#"{"from": "2026-13-01", \#(price)}"#, "without a day"),
        (#"{"from": "2026-1-1", \#(price)}"#, "without a day"), (#"{\#(price)}"#, "without a day"),
        (#"{"from": "2026-01-01", "inputs": "1", \#(price)}"#, "unknown member inputs"),
        (#"{"from": "2026-01-01", "input": "3"}"#, "no price output"),
        (#"{"from": "2026-01-01", \#(price.replacing("\"15\"", with: "15"))}"#, "no price output"),
        (#"{"from": "2026-01-01", \#(price.replacing("15", with: "-15"))}"#, "no price output"),
        (#"{"from": "2026-01-01", \#(price.replacing("15", with: "1e2"))}"#, "no price output"),
        (#"{"from": "2026-01-01", \#(price.replacing("15", with: "9999999"))}"#, "no price output"),
        (#"{"from": "2026-01-01", \#(price), "above": {"input_tokens": 0, \#(price)}}"#, "no number of input tokens"),
        (#"{"from": "2026-01-01", \#(price), "above": {"input_tokens": 5}}"#, "no price input"),
        (#"{"from": "2026-01-01", \#(price)}, {"from": "2026-01-01", \#(price)}"#, "two prices"),
    ])
    func whatIsNoPriceIsRefusedInWords(price: String, words: String) {
        let error = #expect(throws: PriceBookError.self) { try PriceBook(json: Self.file(price)) }
        #expect(error?.description.contains(words) == true, "\(error?.description ?? "")")
    }

    @Test(arguments: ["", "[]", "{}", #"{"models": []}"#, #"{"models": {}, "modles": {}}"#])
    func whatIsNoBookIsRefused(text: String) {
        #expect(throws: PriceBookError.self) { try PriceBook(json: Array(text.utf8)) }
    }
}
