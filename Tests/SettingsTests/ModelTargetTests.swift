import Model
import Testing

@testable import Settings

@Suite struct ModelTargetTests {
    private func targets(_ yaml: String) throws -> [ModelSettings.Target] {
        try Settings.parse("model:\n  balanced:\n    targets: \(yaml)\n", file: "/etc/b/x.yaml").model.balanced.targets
    }

    private func problem(_ yaml: String) -> String {
        do {
            _ = try targets(yaml)
            return "none"
        } catch {
            return "\(error)"
        }
    }

    @Test func aListIsReadInItsOrder() throws {
        let read = try targets(
            """

                  - {provider: anthropic, model: claude-sonnet-4-6, labels: [private, untrusted]}
                  - provider: openai
                    model: qwen3:32b
                    url: http://10.0.0.7:8000/v1
                    key_file: keys/vllm
                    labels: [untrusted]
                    channels: [eng-*, x]
                    images: false
                    context_tokens: 32768
                    output_tokens: 4096
                    price: free
                  - {provider: offline}
            """)
        #expect(read.map(\.provider) == [.anthropic, .openai, .offline])
        #expect(read.map(\.model) == ["claude-sonnet-4-6", "qwen3:32b", "offline"])
        #expect(read.map(\.labels) == [[.private, .untrusted], [.untrusted], [.private, .untrusted]])
        #expect(read[0].channels == nil)
        #expect(read[1].channels == ["eng-*", "x"])
        #expect(read[1].url == "http://10.0.0.7:8000/v1")
        #expect(read[1].keyFile == "/etc/b/keys/vllm")
        #expect(!read[1].images && read[1].tools)
        #expect(read[1].contextTokens == 32768)
        #expect(read[1].outputTokens == 4096)
        #expect(read[1].price == "free")
    }

    @Test func whatIsShownReadsBackTheSame() throws {
        let read = try targets(
            "[{provider: openai, model: a, labels: [], channels: ['it''s'], url: 'http://x/v1', tools: false}]")
        var settings = Settings()
        settings.model.balanced.targets = read
        let text = try #require(settings.text(of: "model.balanced.targets"))
        #expect(try targets(text) == read)
    }

    @Test(arguments: [
        ("[{provider: openai, model: a}]", "target 1 that does not say what its provider may see"),
        ("[{provider: auto, model: a, labels: []}]", "none of anthropic, openai, offline"),
        ("[{model: a, labels: []}]", "none of anthropic, openai, offline"),
        ("[{provider: openai, labels: []}]", "names no model"),
        ("[{provider: openai, model: 'a b', labels: []}]", "names no model"),
        ("[{provider: openai, model: a, labels: [secret]}]", "neither untrusted nor private"),
        ("[{provider: openai, model: a, labels: private}]", "no list"),
        ("[{provider: openai, model: a, labels: [], url: 'ftp://x'}]", "url that is none"),
        ("[{provider: openai, model: a, labels: [], url: 'http://u:p@x'}]", "url that is none"),
        ("[{provider: openai, model: a, labels: [], images: perhaps}]", "neither true nor false"),
        ("[{provider: openai, model: a, labels: [], context_tokens: 0}]", "no number of tokens"),
        ("[{provider: anthropic, model: a, labels: [], output_tokens: 5}]", "for provider openai"),
        ("[{provider: openai, model: a, labels: [], channel: [x]}]", "none of provider, model, labels"),
        ("[{provider: openai, model: a, labels: []}, 5]", "target 2 that is no mapping"), ("5", "is not a list"),
    ])
    func whatIsWrongIsSaidAndNothingIsAssumed(yaml: String, words: String) {
        #expect(problem(yaml).contains(words), "\(problem(yaml))")
    }
}
