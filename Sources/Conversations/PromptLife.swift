/// How long the model's provider is asked to keep a prompt: until it is expected to be used again.
///
/// Keeping it for five minutes costs a quarter more than reading it once, for an hour twice as much, and using what was kept
/// a tenth (https://docs.claude.com/en/docs/build-with-claude/prompt-caching). So the hour pays where the next use comes
/// between the two; sooner the five minutes are there still, and later nothing is.
enum PromptLife {
    /// `interval` nil: nothing is known yet.
    static func word(expecting interval: Duration?) -> String {
        guard let interval, interval > .seconds(270), interval < .seconds(3300) else { return "5m" }
        return "1h"
    }
}
