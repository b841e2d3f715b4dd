internal import Glibc
internal import Settings

/// The model's key: there, and nobody else's to read. Never its content.
enum KeyCheck {
    static func run(_ settings: Settings) -> [Finding] {
        let path = settings.model.keyFile
        let tiers = [settings.model.fast, settings.model.balanced, settings.model.best]
        let needsKey = tiers.contains { $0.provider == .anthropic }
        if tiers.allSatisfy({ $0.provider == .offline }) {
            return [Finding(.ok, "model", "offline: no key needed (it is no AI)")]
        }
        var status = stat()
        guard lstat(path, &status) == 0 else {
            if errno == EACCES {
                return [
                    Finding(
                        .warn, "model", "you may not look at the key file \(path)",
                        advice: "Run `sudo bulkhead doctor`.")
                ]
            }
            let advice = "To use Anthropic's models put a key into \(path) (mode 600, the daemon's user)."
            return needsKey
                ? [Finding(.fail, "model", "the configuration asks for Anthropic, but there is no key", advice: advice)]
                : [Finding(.warn, "model", "no key: the offline model answers, which is no AI", advice: advice)]
        }
        guard status.st_mode & S_IFMT == S_IFREG else {
            return [
                Finding(.fail, "model", "\(path) is no ordinary file", advice: "Replace it by a file with the key.")
            ]
        }
        guard status.st_mode & 0o077 == 0 else {
            return [
                Finding(
                    .fail, "model", "the key file \(path) can be read by others",
                    advice: "`chmod 600 \(path)`, and have the key replaced: it may have been read.")
            ]
        }
        guard status.st_size > 0 else {
            return [
                Finding(
                    needsKey ? .fail : .warn, "model", "the key file \(path) is empty", advice: "Put the key into it.")
            ]
        }
        return [Finding(.ok, "model", "a key is in \(path), readable by \(UserName.of(status.st_uid)) alone")]
    }
}
