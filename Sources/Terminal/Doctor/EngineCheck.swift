internal import DockerEngine

/// The Docker Engine and the two images.
enum EngineCheck {
    static let socket = "/var/run/docker.sock"

    /// `home`: the directory of the configuration, where a start notes the names of the images it built.
    static func run(home: String?, engine: DockerEngine = DockerEngine(socketPath: socket)) async -> [Finding] {
        do {
            let version = try await engine.version()
            let found = Finding(.ok, "Docker Engine", "\(version.engine) (API \(version.api)) at \(engine.socketPath)")
            return [found] + [await image("agent", home, engine), await image("workspace", home, engine)]
        } catch let error as EngineError {
            return [problem(error)]
        } catch {
            return [Finding(.fail, "Docker Engine", "does not answer: \(error)")]
        }
    }

    private static func problem(_ error: EngineError) -> Finding {
        switch error.code {
        case .noPermission:
            // The service user has no right to it either: that is the broker's.
            Finding(
                .warn, "Docker Engine", "you may not use its socket, so neither it nor the images were looked at",
                advice: "Run `sudo bulkhead doctor` to check them.")
        default:
            Finding(
                .fail, "Docker Engine", error.message,
                advice: error.code == .tooOld ? "Install a newer Docker Engine (docker.io of Debian 12 will do)." : "")
        }
    }

    private static func image(_ part: String, _ home: String?, _ engine: DockerEngine) async -> Finding {
        let subject = part + " image"
        let noted = home.flatMap { SmallFile.read($0 + "/.image-" + part) }?.trimmingLineFeeds
        let name = noted ?? "bulkhead-" + part
        do {
            let image = try await engine.inspectImage(name)
            let definition =
                image.labels["bulkhead.definition"].map { "definition " + $0.prefix(12) } ?? "no definition label"
            let size = EntryText.size(image.bytes)
            guard image.labels["bulkhead.definition"] != nil else {
                return Finding(
                    .warn, subject, "\(name) is there (\(size)) but does not say what it was built from",
                    advice: "`make run` builds it again.")
            }
            return Finding(.ok, subject, "\(name), \(definition), \(size)")
        } catch let error as EngineError where error.code == .noSuchImage {
            return Finding(.fail, subject, "\(name) is missing", advice: "`make run` builds it.")
        } catch {
            return Finding(.fail, subject, "\(name) cannot be looked at: \(error)")
        }
    }
}

extension String {
    /// `nil` where nothing is left.
    fileprivate var trimmingLineFeeds: String? {
        let text = String(prefix { !$0.isNewline }).trimmed()
        return text.isEmpty ? nil : text
    }
}
