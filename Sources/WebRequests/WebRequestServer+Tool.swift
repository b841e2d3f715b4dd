internal import MCP
internal import Model
package import ToolServers

extension WebRequestServer {
    /// What comes back is somebody else's words, and what goes out is seen outside, whatever the method says.
    package static let tool = RegisteredTool(
        tool: Tool(
            name: name,
            description:
                "Makes an HTTP request from outside the sandbox and returns status, headers and text. A secret "
                + "is used by its name: write {{secret:NAME}} where its value is to stand in a header, a query parameter "
                + "or the body; you never see the value. Hosts have to be allowed, or be the secret's own. Redirects "
                + "come back as they are: request the new address if you want it.",
            inputSchema: [
                "type": "object", "required": ["url"], "additionalProperties": false,
                "properties": [
                    "method": [
                        "type": "string", "enum": .array(RequestPlan.methods.map { .string($0) }),
                        "description": "Default: GET.",
                    ],
                    "url": ["type": "string", "description": "https://host/path, without user information."],
                    "headers": ["type": "object", "additionalProperties": ["type": "string"]],
                    "query": [
                        "type": "object", "description": "Parameters, added to the address and encoded for you.",
                    ],
                    "body": ["type": "string"],
                    "timeout": ["type": "integer", "minimum": 1, "maximum": 120, "description": "In seconds."],
                ],
            ]),
        effect: BuiltInTool.named(name).effect, server: "web", labels: .untrusted)
}
