import ArgumentParser
import Model
import Terminal

extension PastTime {
    /// Milliseconds since 1970, of an option that may be absent.
    static func argument(_ text: String?, _ option: String) throws -> Int64? {
        guard let text else { return nil }
        guard let time = parse(text, now: WallClock.system.now().milliseconds) else {
            throw ValidationError("\(option) takes a time such as 7d, 12h, 2026-11-22 or 2026-11-22T15:04:05Z.")
        }
        return time
    }
}

/// A time to come: `7d`, `12h`, `30m` from now; `2026-11-22`; `2026-11-22T15:04:05Z`. UTC.
enum FutureTime {
    /// Milliseconds since 1970, of an option that may be absent.
    static func argument(_ text: String?, _ option: String) throws -> Int64? {
        guard let text else { return nil }
        let now = WallClock.system.now().milliseconds
        guard let time = PastTime.parse(text, now: now) else {
            throw ValidationError("\(option) takes a time such as 7d, 12h, 2026-11-22 or 2026-11-22T15:04:05Z.")
        }
        return text.contains("-") ? time : now + (now - time)
    }
}
