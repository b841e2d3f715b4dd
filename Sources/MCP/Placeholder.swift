// Seed types, replaced by the real module.
package enum JSONValue: Sendable, Hashable { case null, bool(Bool), int(Int64), double(Double), string(String), array([JSONValue]), object(JSONObject) }
package struct JSONObject: Sendable, Hashable { package init() {} }
package struct Tool: Sendable { package var name: String; package init(name: String) { self.name = name } }
package struct CallToolResult: Sendable { package var isError: Bool; package init(isError: Bool) { self.isError = isError } }
