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
        let noted = home.flatMap { SmallFile.read($0 + "/bin/images") }.map { ImageCheck.Noted($0, part: part) }
        // The broker's configuration is written from the other note.
        let used = home.flatMap { SmallFile.read($0 + "/.image-" + part) }?.prefix { !$0.isNewline }
        let name = noted?.name ?? used.map(String.init) ?? "bulkhead-" + part
        do {
            let image = try await engine.inspectImage(name)
            return ImageCheck.finding(
                part, name: name, labels: image.labels, layers: image.layers, bytes: image.bytes, noted: noted)
        } catch let error as EngineError where error.code == .noSuchImage {
            return Finding(.fail, part + " image", "\(name) is missing", advice: "`make run` builds it.")
        } catch {
            return Finding(.fail, part + " image", "\(name) cannot be looked at: \(error)")
        }
    }
}
