import Broker
import BrokerProtocol
import MCP
import Model
import Testing

/// The vocabulary is all there is: everything else is refused before anything is done.
struct BrokerRequestTests {
    static let id = CompartmentID(trusted: "01abc")
    static let grant = VolumeGrant(.thread(ConversationID(trusted: "talk")), .readWrite)

    @Test(arguments: [
        BrokerRequest.hello, .surface, .list, .createAgent(id), .createWorkspace(id, []), .createWorkspace(id, [grant]),
        .place(id, grant), .end(id, nil), .end(id, .workspace), .stats(id, .agent), .scratches(after: nil),
        .scratches(after: SessionID(trusted: "s1")), .discardScratch(SessionID(trusted: "s1")),
        .checkHook("secret-scan"), .runHook("a.b_c-9"), .createErrand(id, [grant]), .openEgress(id, .workspace),
        .openEgress(id, .errand),
    ])
    func everyRequestSurvivesItsEncoding(request: BrokerRequest) throws {
        #expect(try BrokerRequest(request.json) == request)
    }

    @Test(arguments: [
        "{}", #"{"op":1}"#, #"{"op":"exec"}"#, #"{"op":"Hello"}"#, #"{"op":"hello","extra":1}"#,
        #"{"op":"createAgent"}"#, #"{"op":"createAgent","compartment":"a","image":"evil"}"#,
        #"{"op":"createAgent","compartment":""}"#, #"{"op":"createAgent","compartment":"../x"}"#,
        #"{"op":"createAgent","compartment":"A"}"#, #"{"op":"createAgent","compartment":"a/b"}"#,
        #"{"op":"createAgent","compartment":"a b"}"#, #"{"op":"createAgent","compartment":"a,b:c"}"#,
        #"{"op":"createAgent","compartment":["a"]}"#, #"{"op":"createAgent","compartment":"a\u0000"}"#,
        #"{"op":"createAgent","compartment":"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"}"#,
        #"{"op":"createWorkspace","compartment":"a"}"#, #"{"op":"createWorkspace","compartment":"a","volumes":{}}"#,
        #"{"op":"createWorkspace","compartment":"a","volumes":[1]}"#,
        #"{"op":"place","compartment":"a","volume":{"kind":"etc","key":"x","access":"rw"}}"#,
        #"{"op":"place","compartment":"a","volume":{"kind":"thread","key":"../../etc","access":"rw"}}"#,
        #"{"op":"place","compartment":"a","volume":{"kind":"thread","key":"..","access":"rw"}}"#,
        #"{"op":"place","compartment":"a","volume":{"kind":"thread","key":".","access":"rw"}}"#,
        #"{"op":"place","compartment":"a","volume":{"kind":"thread","key":"","access":"rw"}}"#,
        #"{"op":"place","compartment":"a","volume":{"kind":"thread","key":"/etc","access":"rw"}}"#,
        #"{"op":"place","compartment":"a","volume":{"kind":"global","key":"x","access":"ro"}}"#,
        #"{"op":"place","compartment":"a","volume":{"kind":"global","key":"","access":"rw"}}"#,
        #"{"op":"place","compartment":"a","volume":{"kind":"group","key":"x","access":"rw"}}"#,
        #"{"op":"place","compartment":"a","volume":{"kind":"thread","key":"x","access":"rwx"}}"#,
        #"{"op":"place","compartment":"a","volume":{"kind":"thread","key":"x","access":"rw","path":"/etc"}}"#,
        #"{"op":"end","compartment":"a","part":"host"}"#, #"{"op":"end","compartment":"a","part":null}"#,
        #"{"op":"openEgress","compartment":"a"}"#, #"{"op":"openEgress","compartment":"a","part":"agent"}"#,
        #"{"op":"openEgress","compartment":"a","part":"../errand"}"#, #"{"op":"createErrand","compartment":"a"}"#,
        #"{"op":"openEgress","compartment":"a","part":"errand","path":"/run/x"}"#,
        #"{"op":"stats","compartment":"a"}"#, #"{"op":"discardScratch"}"#,
        #"{"op":"discardScratch","session":"../thread/t1"}"#, #"{"op":"discardScratch","session":".."}"#,
        #"{"op":"discardScratch","session":""}"#, #"{"op":"discardScratch","session":"a/b"}"#,
        #"{"op":"discardScratch","session":"a","kind":"thread"}"#, #"{"op":"discardScratch","kind":"user","key":"a"}"#,
        #"{"op":"runHook"}"#, #"{"op":"runHook","hook":""}"#, #"{"op":"runHook","hook":"../x"}"#,
        #"{"op":"runHook","hook":"/bin/sh"}"#, #"{"op":"runHook","hook":".hidden"}"#, #"{"op":"runHook","hook":"A"}"#,
        #"{"op":"runHook","hook":"a","path":"/bin/sh"}"#, #"{"op":"runHook","hook":"a","arguments":[]}"#,
        #"{"op":"checkHook","hook":1}"#,
        #"{"op":"scratches","after":1}"#, #"{"op":"scratches","kind":"thread"}"#,
    ])
    func whatIsNotInTheVocabularyIsRefused(text: String) throws {
        let object = try #require(try JSONValue(parsing: text).objectValue)
        #expect(throws: BrokerError.self) { try BrokerRequest(object) }
    }

    @Test func twoVolumesForOnePlaceAreRefused() throws {
        let other = VolumeGrant(.thread(ConversationID(trusted: "other")), .readWrite)
        #expect(throws: BrokerError.self) {
            try BrokerRequest(BrokerRequest.createWorkspace(Self.id, [Self.grant, other]).json)
        }
    }

    @Test(arguments: [
        "", " ", "null", "[]", "1", "\"hello\"", "{", #"{"op":"hello"}"#, #"{"id":"1","op":"hello"}"#,
        #"{"id":1.5,"op":"hello"}"#, #"{"id":1,"id":2,"op":"hello"}"#, #"{"id":1,"op":"hello"} x"#,
        #"{"id":1,"op":{"a":{"b":{"c":{"d":1}}}}}"#, "{\"id\":1,\"op\":\"\u{FFFD}\"",
    ])
    func whatIsNoRequestAtAllHasNoAnswer(text: String) {
        #expect(BrokerServer.request(Array(text.utf8)) == nil)
    }

    @Test func theDecoderTakesNothingFromRandomBytes() {
        var generator = SplitMix(state: 42)
        for _ in 0..<20_000 {
            let bytes = (0..<Int.random(in: 0...200, using: &generator)).map { _ in
                UInt8.random(in: 0...255, using: &generator)
            }
            #expect(BrokerServer.request(bytes) == nil)
        }
    }

    /// Valid requests with bytes changed: decoded strictly or refused, never a trap, and never a name with a way out.
    @Test func mutatedRequestsAreStrictlyDecodedOrRefused() {
        var generator = SplitMix(state: 7)
        let seeds: [BrokerRequest] = [
            .createWorkspace(Self.id, [Self.grant]), .place(Self.id, Self.grant), .end(Self.id, .agent),
        ]
        for _ in 0..<20_000 {
            var object = seeds[Int.random(in: 0..<seeds.count, using: &generator)].json
            object["id"] = 1
            var bytes = object.serialized()
            for _ in 0..<Int.random(in: 1...4, using: &generator) {
                let position = Int.random(in: 0..<bytes.count, using: &generator)
                switch Int.random(in: 0...2, using: &generator) {
                case 0: bytes[position] = UInt8.random(in: 0...255, using: &generator)
                case 1: bytes.remove(at: position)
                default: bytes.insert(UInt8.random(in: 32...126, using: &generator), at: position)
                }
            }
            guard case .success(let request)? = BrokerServer.request(bytes)?.1 else { continue }
            let text = request.json.text
            #expect(!text.contains("..") && !text.contains("/"), "\(text)")
        }
    }
}

struct SplitMix: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}
