internal import Crypto
internal import Hummingbird
internal import NIOCore

/// The scripts, styles and pictures of the web pages, compiled into the program from `Web/`.
///
/// Their address holds a digest of all of them: browsers keep them for ever, and a new version has new addresses.
enum Assets {
    private static let files: [String: (bytes: [UInt8], type: String)] = {
        let script = "text/javascript; charset=utf-8"
        return [
            "app.css": (PackageResources.app_css, "text/css; charset=utf-8"),
            "icon.svg": (PackageResources.icon_svg, "image/svg+xml"),
            "api.js": (PackageResources.api_js, script),
            "approvals.js": (PackageResources.approvals_js, script),
            "audit.js": (PackageResources.audit_js, script),
            "chat.js": (PackageResources.chat_js, script),
            "composer.js": (PackageResources.composer_js, script),
            "entries.js": (PackageResources.entries_js, script),
            "grants.js": (PackageResources.grants_js, script),
            "markdown.js": (PackageResources.markdown_js, script),
            "members.js": (PackageResources.members_js, script),
            "mode.js": (PackageResources.mode_js, script),
            "pauses.js": (PackageResources.pauses_js, script),
            "sessions.js": (PackageResources.sessions_js, script),
            "shell.js": (PackageResources.shell_js, script),
            "tasks.js": (PackageResources.tasks_js, script),
            "text.js": (PackageResources.text_js, script),
        ]
    }()

    static let names = files.keys.sorted()

    static let version: String = {
        var digest = SHA256()
        for name in names {
            digest.update(data: Array(name.utf8))
            digest.update(data: files[name]?.bytes ?? [])
        }
        return String(Hex.encode(digest.finalize()).prefix(16))
    }()

    static func path(of name: String) -> String { "/assets/\(version)/\(name)" }

    static func add(to router: Router<ConsoleContext>) {
        router.get("assets/{version}/{name}") { _, context in
            guard context.parameters.get("version") == version,
                let file = context.parameters.get("name").flatMap({ files[$0] })
            else { throw ConsoleError(status: .notFound) }
            return Response(
                status: .ok,
                headers: [.contentType: file.type, .cacheControl: "public, max-age=31536000, immutable"],
                body: .init(byteBuffer: ByteBuffer(bytes: file.bytes)))
        }
    }
}
