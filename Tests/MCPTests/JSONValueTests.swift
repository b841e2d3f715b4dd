import MCP
import Testing

@Suite struct JSONValueTests {
    @Test func objectsKeepTheirOrder() {
        var object: JSONObject = ["z": 1, "a": 2]
        object["m"] = 3
        object["z"] = 4
        object["a"] = nil
        #expect(object.keys == ["z", "m"])
        #expect(object.text == #"{"z":4,"m":3}"#)
        #expect(object.count == 2)
    }

    @Test func orderIsNoPartOfEquality() {
        let one: JSONValue = ["a": 1, "b": [nil, true]]
        let other: JSONValue = ["b": [nil, true], "a": 1]
        #expect(one == other)
        #expect(one.hashValue == other.hashValue)
        #expect(one.canonical() == other.canonical())
        #expect(one.serialized() != other.serialized())
        #expect(one != ["a": 1, "b": [true, nil]])
        #expect(one != ["a": 1])
    }

    @Test(arguments: [3, 40])
    func membersCanBeFoundAndRemoved(count: Int) {
        var object = JSONObject((0..<count).map { ("key\($0)", JSONValue.int(Int64($0))) })
        for number in stride(from: 0, to: count, by: 2) { object["key\(number)"] = nil }
        #expect(object.count == count / 2)
        for number in 0..<count { #expect((object["key\(number)"] != nil) == (number % 2 == 1)) }
        #expect(object.map(\.key) == object.keys)
    }

    /// Swift holds these equal; a tool written in another language does not, and would be asked for another member than
    /// the one that was looked at.
    @Test(arguments: [("K", "\u{212A}"), ("\u{E9}", "e\u{301}"), ("a\u{323}\u{307}", "a\u{307}\u{323}")])
    func keysAndStringsCompareByTheirBytes(one: String, other: String) throws {
        #expect(one == other)
        #expect(JSONValue.string(one) != JSONValue.string(other))
        let object = try JSONValue(parsing: "{\"\(other)\":1}")
        #expect(object[one] == nil)
        #expect(object[other] == 1)
        let both = try JSONValue(parsing: "{\"\(other)\":1,\"\(one)\":2}")
        #expect(both[one] == 2 && both[other] == 1)
    }

    @Test func accessorsTellKindsApart() {
        #expect(JSONValue.int(3).intValue == 3)
        #expect(JSONValue.double(3).intValue == 3)
        #expect(JSONValue.double(3.5).intValue == nil)
        #expect(JSONValue.double(1e300).intValue == nil)
        #expect(JSONValue.int(3).doubleValue == 3)
        #expect(JSONValue.string("3").intValue == nil)
        #expect(JSONValue.null.isNull)
        #expect(JSONValue.bool(false).boolValue == false)
        #expect(JSONValue.int(0).boolValue == nil)
        let value: JSONValue = ["list": [1, ["deep": "text"]]]
        #expect(value["list"]?[1]?["deep"]?.stringValue == "text")
        #expect(value["list"]?[2] == nil)
        #expect(value["list"]?[-1] == nil)
        #expect(value[0] == nil)
        #expect(JSONValue.int(1) != JSONValue.double(1))
    }

    @Test func textIsWhatOthersRead() {
        #expect(
            JSONValue.string("\"\\/\n\r\t\u{8}\u{1F}\u{7F}\u{2028}é").text
                == "\"\\\"\\\\/\\n\\r\\t\\u0008\\u001f\u{7F}\u{2028}é\"")
        #expect(JSONValue.double(.nan).text == "null")
        #expect(JSONValue.double(-.infinity).text == "null")
        #expect(JSONValue.double(0.1).text == "0.1")
        #expect(JSONValue.double(1e300).text == "1e+300")
        #expect(JSONValue.int(.min).text == "-9223372036854775808")
        #expect((["b": [], "a": [:], "c": [1]] as JSONValue).text == #"{"b":[],"a":{},"c":[1]}"#)
        #expect(
            String(decoding: (["b": 1, "a": ["z": 2, "y": 3]] as JSONValue).canonical(), as: UTF8.self)
                == #"{"a":{"y":3,"z":2},"b":1}"#)
        #expect(
            (["a": [1, ["b": nil]], "c": []] as JSONValue).prettyText == """
                {
                  "a": [
                    1,
                    {
                      "b": null
                    }
                  ],
                  "c": []
                }
                """)
    }

    @Test func contentKeepsWhatItDoesNotKnow() throws {
        let annotated: JSONValue = ["type": "text", "text": "hello", "annotations": ["priority": 1]]
        let strange: JSONValue = ["type": "hologram", "data": "…"]
        let result = try CallToolResult(json: ["content": [annotated, strange, ["type": "text", "text": "plain"]]])
        #expect(result.content.map(\.json) == [annotated, strange, ["type": "text", "text": "plain"]])
        #expect(result.content.last == .text("plain"))
        #expect(result.text == "hello\nplain")
        for bad: JSONObject in [
            ["content": "text"], ["content": [["text": "no type"]]], ["content": [["type": "text"]]],
            ["content": [["type": "image", "data": 1, "mimeType": "image/png"]]], ["content": [], "isError": "yes"],
        ] {
            #expect(throws: MCPError.self) { try CallToolResult(json: bad) }
        }
    }

    @Test func everyKindOfContentSurvivesTheWire() throws {
        let content: [Content] = [
            .text("a"), .image(data: "aGk=", mimeType: "image/png"), .audio(data: "aGk=", mimeType: "audio/wav"),
            .resourceLink(uri: "file:///a", name: "a", mimeType: "text/plain"),
            .resource(["uri": "file:///a", "text": "a"]),
        ]
        #expect(try content.map { try Content(json: $0.json) } == content)
    }
}
