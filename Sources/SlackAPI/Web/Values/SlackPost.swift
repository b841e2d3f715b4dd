package import MCP

/// A message to be posted. `text` is what notifications and screen readers get, blocks or not.
package struct SlackPost: Hashable, Sendable {
    /// A channel's id, or a person's for the direct conversation with them.
    package var channel: String
    package var text: String
    package var blocks: [JSONValue]?
    /// The first message of the thread it goes into.
    package var thread: String?
    /// Of a reply: to be seen in the channel too.
    package var isBroadcast = false
    package var metadata: SlackMetadata?
    package var face: SlackFace?

    package init(
        channel: String, text: String, blocks: [JSONValue]? = nil, thread: String? = nil, isBroadcast: Bool = false,
        metadata: SlackMetadata? = nil, face: SlackFace? = nil
    ) {
        self.channel = channel
        self.text = text
        self.blocks = blocks
        self.thread = thread
        self.isBroadcast = isBroadcast
        self.metadata = metadata
        self.face = face
    }

    /// Nothing in it becomes a link, a preview or a mention that was not written as one.
    var arguments: JSONObject {
        var arguments: JSONObject = [
            "channel": .string(channel), "text": .string(text), "unfurl_links": false, "unfurl_media": false,
        ]
        arguments["blocks"] = blocks.map(JSONValue.array)
        arguments["thread_ts"] = thread.map(JSONValue.string)
        if isBroadcast { arguments["reply_broadcast"] = true }
        arguments["metadata"] = metadata?.json
        face?.add(to: &arguments)
        return arguments
    }
}

/// What goes along with a message unseen, and comes back with it: by this a message of ours is found again.
package struct SlackMetadata: Hashable, Sendable {
    package var eventType: String
    package var payload: JSONObject

    package init(eventType: String, payload: JSONObject) {
        self.eventType = eventType
        self.payload = payload
    }

    init?(_ json: JSONValue?) {
        guard let type = json?["event_type"]?.stringValue else { return nil }
        self.init(eventType: type, payload: json?["event_payload"]?.objectValue ?? [:])
    }

    var json: JSONValue { ["event_type": .string(eventType), "event_payload": .object(payload)] }
}

/// A name and a picture of its own, for which the scope `chat:write.customize` is needed.
package struct SlackFace: Hashable, Sendable {
    package enum Icon: Hashable, Sendable {
        /// Its name with colons: `:robot_face:`.
        case emoji(String)
        case url(String)
    }

    package var name: String
    package var icon: Icon?

    package init(name: String, icon: Icon? = nil) {
        self.name = name
        self.icon = icon
    }

    func add(to arguments: inout JSONObject) {
        arguments["username"] = .string(name)
        switch icon {
        case .emoji(let name): arguments["icon_emoji"] = .string(name)
        case .url(let url): arguments["icon_url"] = .string(url)
        case nil: break
        }
    }
}

/// Where a message stands: with the channel, `ts` is its identity.
package struct SlackPosted: Hashable, Sendable {
    /// The id of the channel, also where it was posted to a person.
    package let channel: String
    package let ts: String

    package init(channel: String, ts: String) {
        self.channel = channel
        self.ts = ts
    }

    init(_ json: JSONValue, _ method: SlackMethod) throws {
        let read = AnswerReader(json, method.name)
        self.init(channel: try read.text("channel"), ts: try read.text("ts"))
    }
}
