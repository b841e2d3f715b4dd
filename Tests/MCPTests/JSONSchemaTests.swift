import MCP
import Testing

@Suite struct JSONSchemaTests {
    @Test(
        arguments: [
            ([:], 1), (true, "anything"), (["type": "integer"], 1), (["type": "integer"], 1.0), (["type": "number"], 1),
            (["type": ["string", "null"]], nil), (["enum": [1, "a"]], 1.0), (["const": ["a": 1]], ["a": 1.0]),
            (["type": "string", "minLength": 1, "maxLength": 1], "\u{1F600}"),
            (["pattern": "^(a+)+$"], "not looked at"),
            (["minimum": 1, "maximum": 1], 1), (["exclusiveMinimum": 1], 1.5),
            (["items": ["type": "string"]], ["a", "b"]),
            (["minItems": 1, "maxItems": 2], [0]),
            (["properties": ["a": ["type": "string"]], "required": ["a"]], ["a": "b", "c": 1]),
            (["additionalProperties": ["type": "integer"]], ["a": 1]),
            (["anyOf": [["type": "string"], ["type": "null"]]], nil),
            (["oneOf": [["type": "string"], ["type": "integer"]]], 1),
            (["allOf": [["minimum": 1], ["maximum": 3]]], 2),
            (["$defs": ["name": ["type": "string"]], "properties": ["a": ["$ref": "#/$defs/name"]]], ["a": "b"]),
            (
                ["$defs": ["tree": ["properties": ["next": ["$ref": "#/$defs/tree"]]]], "$ref": "#/$defs/tree"],
                ["next": ["next": [:]]]
            ),
        ] as [(JSONValue, JSONValue)])
    func fits(schema: JSONValue, value: JSONValue) throws {
        #expect(try JSONSchemaValidator(schema: schema).validate(value) == [])
    }

    @Test(
        arguments: [
            (false, 1, "is not allowed"), (["type": "integer"], 1.5, "has to be integer, not number"),
            (["type": "string"], 1, "has to be string, not integer"),
            (["type": ["string", "null"]], true, "has to be string or null, not boolean"),
            (["enum": ["a", "K"]], "\u{212A}", "has to be one of \"a\", \"K\""), (["const": 1], 2, "has to be 1"),
            (["minLength": 2], "a", "has to have at least 2 characters"),
            (["maxLength": 1], "ab", "may have at most 1 characters"),
            (["minimum": 2], 1, "has to be at least 2"),
            (["maximum": 9_007_199_254_740_993], .int(9_007_199_254_740_994), "has to be at most 9007199254740993"),
            (["exclusiveMaximum": 1], 1.0, "has to be less than 1"),
            (["exclusiveMinimum": 1], 1, "has to be more than 1"),
            (["minItems": 1], [], "has to have at least 1 items"),
            (["maxItems": 1], [1, 2], "may have at most 1 items"),
            (["items": ["type": "string"]], ["a", 1], "/1: has to be string, not integer"),
            (["required": ["a"]], [:], "lacks the member \"a\""),
            (["properties": ["a/b": ["type": "string"]]], ["a/b": 1], "/a~1b: has to be string, not integer"),
            (
                ["properties": ["a": [:]], "additionalProperties": false], ["b": 1],
                "/b: is not known here; known are: a"
            ),
            (["additionalProperties": ["type": "integer"]], ["a": "b"], "/a: has to be integer, not string"),
            (
                ["anyOf": [["type": "string"], ["type": "null"]]], 1,
                "fits none of the alternatives (has to be string, not integer; has to be null, not integer)"
            ),
            (["oneOf": [["minimum": 1], ["minimum": 2]]], 3, "fits 2 of the alternatives, where it may fit one only"),
            (["allOf": [["minimum": 1], ["maximum": 3]]], 4, "has to be at most 3"),
            (["$ref": "#"], 1, "cannot be checked: the schema goes in circles or is too large"),
        ] as [(JSONValue, JSONValue, String)])
    func doesNotFit(schema: JSONValue, value: JSONValue, message: String) throws {
        #expect(try JSONSchemaValidator(schema: schema).validate(value).map(\.description) == [message])
    }

    @Test(
        arguments: [
            "a string", ["$ref": "https://example.com/schema"], ["$ref": "#/nowhere"], ["properties": []], ["items": 1],
            ["anyOf": []], ["anyOf": [1]], ["required": "a"], ["required": [1]],
            ["properties": ["a": ["$ref": "file:///etc/passwd"]]],
        ] as [JSONValue])
    func schemasThatCannotBeUsedAreRefused(schema: JSONValue) {
        #expect(throws: SchemaError.self) { try JSONSchemaValidator(schema: schema) }
    }

    /// 2^40 ways to go, were they all tried.
    @Test func schemasThatMultiplyEnd() throws {
        var definitions: JSONObject = ["s0": ["type": "string"]]
        for level in 1...40 {
            let part: JSONValue = ["$ref": .string("#/$defs/s\(level - 1)")]
            definitions["s\(level)"] = ["anyOf": [part, part]]
        }
        let validator = try JSONSchemaValidator(schema: ["$defs": .object(definitions), "$ref": "#/$defs/s40"])
        #expect(!validator.validate(1).isEmpty)
    }

    @Test func notEveryViolationIsTold() throws {
        let validator = try JSONSchemaValidator(schema: ["items": ["type": "string"]])
        #expect(validator.validate(.array(Array(repeating: 1, count: 10_000))).count == 20)
    }
}
