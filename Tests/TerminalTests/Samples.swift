import MCP
import Terminal

/// Values as the daemon sends them.
enum Samples {
    static func reader(_ json: String) throws -> ResponseReader {
        ResponseReader(value: try JSONValue(parsing: json), place: "sample")
    }

    static func account(role: String = "member", starters: String = "[]") throws -> Account {
        try Account(
            reader(
                #"{"person":{"id":"p1","name":"anna","role":"\#(role)"},"assistant":{"name":"Bulkhead","model":"offline"},"#
                    + #""starters":\#(starters)}"#))
    }

    static func channel(_ name: String = "anna", kind: String = "dm", threads: [String] = []) throws -> Channel {
        let list = threads.map {
            #"{"id":"\#($0)","channel":"c","title":"about \#($0)","updated":"2026-11-22T15:04:05.000Z","mode":"auto"}"#
        }
        return try Channel(
            reader(
                #"{"id":"id-\#(name)","name":"\#(name)","kind":"\#(kind)","conversations":[\#(list.joined(separator: ","))]}"#
            ))
    }

    static func entry(
        _ sequence: Int, _ kind: String, _ text: String, id: String = "m", author: String = "anna",
        tools: String = "[]",
        attachments: String = "[]", replyTo: String? = nil
    ) throws -> ChatEvent {
        let opened = replyTo.map { #","in_reply_to":"\#($0)""# } ?? ""
        let value = JSONValue.string(text).text
        return .entry(
            try Entry(
                reader(
                    #"{"seq":\#(sequence),"id":"\#(id)","kind":"\#(kind)","author":"\#(author)","text":\#(value),"#
                        + #""at":"2026-11-22T15:04:05.000Z","attachments":\#(attachments),"tools":\#(tools)\#(opened)}"#
                )))
    }

    static func toolJSON(_ call: String, _ state: String, result: String = "null") -> String {
        #"{"call":"\#(call)","tool":"bash","arguments":{"command":"ls"},"state":"\#(state)","result":\#(result),"milliseconds":12}"#
    }

    static func tool(_ call: String, _ state: String) throws -> ChatEvent {
        .tool(try ToolCall(reader(toolJSON(call, state))))
    }

    static func approval(
        _ id: String, requester: String = "anna", isYours: Bool = true, scopes: String = #"["once"]"#
    ) throws -> ChatEvent {
        .approval(
            try Approval(
                reader(
                    #"{"id":"\#(id)","tool":"bash","effect":"destructive","arguments":{"command":"rm -rf x\necho","n":1},"#
                        + #""reason":"rule 3","requester":"\#(requester)","expires":"2026-11-22T15:04:05.000Z","rule":"commands","#
                        + #""approvers":"an admin","labels":["untrusted"],"yours":\#(isYours),"scopes":\#(scopes),"exact":true}"#
                )))
    }
}
