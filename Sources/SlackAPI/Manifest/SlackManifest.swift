package import MCP

/// The app's manifest (https://docs.slack.dev/reference/app-manifest), pasted by an operator where apps are made.
package struct SlackManifest: Hashable, Sendable {
    package static let command = "/bulkhead"
    /// By which the message shortcut is known again.
    package static let shortcut = "ask_about_this"

    /// At most 35 characters.
    package var name: String
    /// Where Slack sends events, clicks and commands; nil for Socket Mode, which needs no address.
    package var requestURL: String?
    /// Whether it speaks under other names than the app's.
    package var hasFaces: Bool

    /// Nil where the name is empty or too long, or the address is no `https://` one (Slack takes no other).
    package init?(name: String = "Bulkhead", requestURL: String? = nil, hasFaces: Bool = false) {
        guard (1...35).contains(name.count), name.allSatisfy({ !$0.isNewline }) else { return nil }
        if let requestURL {
            guard let url = SlackURL(requestURL), url.isSecure else { return nil }
        }
        self.name = name
        self.requestURL = requestURL
        self.hasFaces = hasFaces
    }

    package var json: JSONValue {
        [
            "display_information": [
                "name": .string(name), "description": "The company's assistant", "background_color": "#1d2b3a",
            ],
            "features": .object(features),
            "oauth_config": [
                "scopes": [
                    "bot": Self.words((SlackFeature.scopes + (hasFaces ? SlackFeature.faces.scopes : [])).sorted())
                ]
            ],
            "settings": .object(settings),
        ]
    }

    private var features: JSONObject {
        [
            "app_home": [
                "home_tab_enabled": true, "messages_tab_enabled": true, "messages_tab_read_only_enabled": false,
            ],
            "bot_user": ["display_name": .string(name), "always_online": true],
            "assistant_view": ["assistant_description": "Ask it anything about your work."],
            "shortcuts": [
                [
                    "name": "Ask about this", "type": "message", "callback_id": .string(Self.shortcut),
                    "description": "Asks the assistant about a message",
                ]
            ],
            "slash_commands": [
                .object(
                    addressed(
                        "url",
                        [
                            "command": .string(Self.command), "description": "Ask, link your account, get help",
                            "usage_hint": "help", "should_escape": true,
                        ]))
            ],
        ]
    }

    private var settings: JSONObject {
        [
            "event_subscriptions": .object(
                addressed("request_url", ["bot_events": Self.words(SlackFeature.events.sorted())])),
            "interactivity": .object(addressed("request_url", ["is_enabled": true])),
            "org_deploy_enabled": false, "socket_mode_enabled": .bool(requestURL == nil),
            // Tokens that expire would have to be renewed with a secret more.
            "token_rotation_enabled": false,
        ]
    }

    private func addressed(_ member: String, _ object: JSONObject) -> JSONObject {
        var object = object
        object[member] = requestURL.map(JSONValue.string)
        return object
    }

    private static func words(_ words: [String]) -> JSONValue { .array(words.map(JSONValue.string)) }
}
