import MCP
import Model
import Testing

@testable import ModelGateway

/// Streams as providers send them, each with the bill that was worked out by hand.
@Suite struct StreamBillTests {
    struct Recording: Sendable, CustomTestStringConvertible {
        var name: String
        var model: String
        /// When it was: prices have dates.
        var at: Int64
        /// `message_start` and `message_delta` usage objects; what is between them costs nothing by itself.
        var start: String
        var delta: String
        /// In dollars, all six places.
        var bill: String

        var testDescription: String { name }

        var stream: String {
            func event(_ name: String, _ data: String) -> String { "event: \(name)\ndata: \(data)\n\n" }
            return event(
                "message_start",
                #"{"type":"message_start","message":{"id":"msg_1","role":"assistant","usage":\#(start)}}"#)
                + event("ping", #"{"type":"ping"}"#)
                + event(
                    "content_block_start",
                    #"{"type":"content_block_start","index":0,"content_block":{"type":"text","text":""}}"#)
                + event(
                    "content_block_delta",
                    #"{"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"Hello"}}"#)
                + event("content_block_stop", #"{"type":"content_block_stop","index":0}"#)
                + event(
                    "message_delta", #"{"type":"message_delta","delta":{"stop_reason":"end_turn"},"usage":\#(delta)}"#)
                + event("message_stop", #"{"type":"message_stop"}"#)
        }
    }

    private static let today: Int64 = 1_796_040_000_000  // 2026-11-30
    private static let february: Int64 = 1_771_632_000_000  // 2026-02-21

    static let recordings = [
        // 25 × $3 + 15 × $15, a million each.
        Recording(
            name: "plain", model: "claude-sonnet-4-6", at: today,
            start: #"{"input_tokens":25,"output_tokens":1}"#, delta: #"{"output_tokens":15}"#, bill: "0.000300"),
        // 2,048 × $1 + 9,000 × $0.10 + 512 × $1.25 + 4,096 × $2 + 800 × $5
        Recording(
            name: "cache of both lives", model: "claude-haiku-4-5-20251001", at: today,
            start: #"""
                {"input_tokens":2048,"cache_read_input_tokens":9000,"cache_creation_input_tokens":4608,
                "cache_creation":{"ephemeral_5m_input_tokens":512,"ephemeral_1h_input_tokens":4096},"output_tokens":2}
                """#.filter { !$0.isNewline }, delta: #"{"output_tokens":800}"#, bill: "0.015780"),
        // A sum alone is taken for the shorter life: 100 × $5 + 20,000 × $6.25 + 321 × $25
        Recording(
            name: "cache sum alone", model: "claude-opus-4-6", at: today,
            start: #"{"input_tokens":100,"cache_creation_input_tokens":20000,"output_tokens":1}"#,
            delta: #"{"output_tokens":321}"#, bill: "0.133525"),
        // 150,000 new and 60,000 read are above 200,000: × $6 and $0.60, 1,000 × $22.50
        Recording(
            name: "long, while it cost more", model: "claude-sonnet-4-6", at: february,
            start: #"{"input_tokens":150000,"cache_read_input_tokens":60000,"output_tokens":1}"#,
            delta: #"{"output_tokens":1000}"#, bill: "0.958500"),
        // The same later: × $3 and $0.30, 1,000 × $15
        Recording(
            name: "long, since it does not", model: "claude-sonnet-4-6", at: today,
            start: #"{"input_tokens":150000,"cache_read_input_tokens":60000,"output_tokens":1}"#,
            delta: #"{"output_tokens":1000}"#, bill: "0.483000"),
        // The last figures count, where an event repeats them all.
        Recording(
            name: "cumulative", model: "claude-opus-4-1", at: today,
            start: #"{"input_tokens":10,"output_tokens":1}"#,
            delta: #"{"input_tokens":472,"cache_read_input_tokens":1000,"output_tokens":89}"#, bill: "0.015255"),
    ]

    @Test(arguments: recordings)
    func aStreamCostsWhatItsBillSays(recording: Recording) throws {
        var meter = StreamMeter()
        var splitter = EventSplitter(maximumBytes: 1 << 20)
        // In pieces of seven bytes: nothing of the bill depends on how it arrives.
        let bytes = Array(recording.stream.utf8)
        for start in stride(from: 0, to: bytes.count, by: 7) {
            for event in try splitter.append(bytes[start..<min(start + 7, bytes.count)]) {
                #expect(meter.read(StreamEvent(event)) == nil)
            }
        }
        #expect(meter.isComplete && !meter.usage.isEstimated)
        let price = try #require(
            PriceBook.shipped.price(of: recording.model, at: Timestamp(milliseconds: recording.at)))
        let cost = price.microdollars(for: meter.usage)
        let rest = String(cost % 1_000_000)
        #expect("\(cost / 1_000_000)." + String(repeating: "0", count: 6 - rest.count) + rest == recording.bill)
    }
}
