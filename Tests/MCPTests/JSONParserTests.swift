import MCP
import Testing

@Suite struct JSONParserTests {
    @Test(
        arguments: [
            ("null", JSONValue.null), ("true", true), (" false\t\r\n", false), ("0", 0), ("-0", 0), ("-17", -17),
            ("9223372036854775807", .int(.max)), ("-9223372036854775808", .int(.min)),
            ("9223372036854775808", .double(9_223_372_036_854_775_808)),
            ("-9223372036854775809", .double(-9_223_372_036_854_775_808)),
            ("100000000000000000000000", .double(1e23)), ("1.5", 1.5), ("1.0", .double(1)), ("1e3", .double(1000)),
            ("1E-2", 0.01), ("2e+2", .double(200)), ("1e-400", .double(0)), ("\"\"", ""),
            (#""a\"\\\/\b\f\n\r\t""#, "a\"\\/\u{8}\u{C}\n\r\t"),
            (#""\u00e9\u20ac\ud83d\ude00\u0000""#, "\u{E9}\u{20AC}\u{1F600}\0"),
            ("\"\u{2028}\u{7F}\"", "\u{2028}\u{7F}"),
            ("[]", []), ("[ 1 , [ ] ]", [1, []]), ("{}", [:]), (#"{ "a" : { "b" : null } }"#, ["a": ["b": nil]]),
            (#"{"":0}"#, ["": 0]),
        ] as [(String, JSONValue)])
    func takesWhatIsJSON(text: String, value: JSONValue) throws {
        #expect(try JSONValue(parsing: text) == value)
        #expect(try JSONValue(parsing: value.serialized()) == value)
    }

    @Test(arguments: [
        "", " ", "nul", "nulll", "True", "+1", "01", "-", "-01", "1.", ".5", "1e", "1e+", "1.e1", "0x10", "NaN",
        "Infinity",
        "-Infinity", "1e400", "-1e400", "\"", "\"a", #""\"#, #""\x""#, #""\u12""#, #""\u12g4""#, #""\ud800""#,
        #""\udc00""#,
        #""\ud800\u0041""#, #""\ud800x""#, "\"\n\"", "\"\t\"", "\"\0\"", "'a'", "[", "[1", "[1,", "[1,]", "[,1]",
        "[1 2]", "{",
        "{\"a\"", "{\"a\":", "{\"a\":1", "{\"a\":1,", "{\"a\":1,}", "{a:1}", "{1:2}", "{\"a\" 1}", "1 2", "[]]", "{}}",
        "null,",
        #"{"a":1,"a":1}"#, #"{"a":1,"b":2,"\u0061":3}"#, "// c\n1", "1 /* c */", "\u{FEFF}1", "\u{A0}1",
    ])
    func refusesWhatIsNot(text: String) {
        #expect(throws: JSONError.self) { try JSONValue(parsing: text) }
    }

    @Test(
        arguments: [
            [0x80], [0xC0, 0x80], [0xC3], [0xE0, 0x80, 0x80], [0xED, 0xA0, 0x80], [0xF4, 0x90, 0x80, 0x80],
            [0xF8, 0x88, 0x80],
            [0xFF], [0xFE], [0xF0, 0x9F, 0x98],
        ] as [[UInt8]])
    func refusesWhatIsNotUTF8(bytes: [UInt8]) {
        let quote: [UInt8] = [0x22]
        #expect(throws: JSONError.self) { try JSONValue(parsing: quote + bytes + quote) }
        #expect(throws: JSONError.self) { try JSONValue(parsing: [0x22, 0x5C, 0x6E] + bytes + quote) }
        #expect(throws: JSONError.self) { try JSONValue(parsing: [0x7B] + quote + bytes + quote + [0x3A, 0x30, 0x7D]) }
        #expect(throws: JSONError.self) { try JSONValue(parsing: bytes) }
    }

    @Test(arguments: ["[", "{\"a\":"])
    func depthIsLimited(opening: String) throws {
        let closing = opening == "[" ? "]" : "}"
        func nested(_ depth: Int) -> String {
            String(repeating: opening, count: depth) + "0" + String(repeating: closing, count: depth)
        }
        let deepest = try JSONValue(parsing: nested(64))
        #expect(deepest.hashValue == (try JSONValue(parsing: nested(64))).hashValue)
        #expect(throws: JSONError.self) { try JSONValue(parsing: nested(65)) }
        #expect(throws: JSONError.self) { try JSONValue(parsing: String(repeating: opening, count: 1_000_000)) }
        #expect(throws: JSONError.self) { try JSONValue(parsing: nested(3), limits: JSONLimits(maximumDepth: 2)) }
    }

    @Test func lengthIsLimited() {
        let limits = JSONLimits(maximumBytes: 4)
        #expect(throws: Never.self) { try JSONValue(parsing: "[10]", limits: limits) }
        #expect(throws: JSONError.self) { try JSONValue(parsing: "[100]", limits: limits) }
    }

    /// Would take minutes where looking for a duplicate key goes through all keys.
    @Test func largeObjectsTakeLinearTime() throws {
        let members = (0..<200_000).map { "\"key\($0)\":\($0)" }.joined(separator: ",")
        let object = try JSONValue(parsing: "{\(members)}")
        #expect(object["key199999"] == 199_999)
        #expect(throws: JSONError.self) { try JSONValue(parsing: "{\(members),\"key77\":0}") }
    }

    @Test func errorsSayWhereAndWhy() {
        let error = #expect(throws: JSONError.self) { try JSONValue(parsing: #"{"a": tru}"#) }
        #expect(error?.offset == 6)
        #expect(error?.description == "invalid JSON at byte 6: a value cannot start like this")
        let duplicate = #expect(throws: JSONError.self) { try JSONValue(parsing: #"{"a":1, "a":2}"#) }
        #expect(duplicate?.offset == 8)
    }

    @Test func bytesMayComeFromAnywhere() throws {
        let bytes = Array("[1]".utf8)
        #expect(try JSONValue(parsing: bytes.span) == [1])
        #expect(try bytes.withUnsafeBytes { try JSONValue(parsing: $0) } == [1])
    }
}
