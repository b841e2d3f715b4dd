import Glibc
import MCP

/// Text and pictures of documents, made by the programs of the workspace image. They read the open file as their
/// standard input, never a path.
struct DocumentReader {
    struct Text {
        var text: String
        var isCut: Bool
    }

    private static let maximumText = 4 << 20
    private static let picturesAtOnce = 5
    /// Of all pages together: a message between the processes holds 16 MiB.
    private static let maximumPictureBytes = 8 << 20
    private static let timeout = Duration.seconds(60)

    let file: OpenFile
    let path: String
    let call: ToolRun

    func text(_ pages: PageRange?) throws(ToolProblem) -> Text {
        var arguments = ["-layout", "-enc", "UTF-8"]
        if let pages { arguments += ["-f", "\(pages.first)", "-l", "\(pages.last)"] }
        let outcome = try run("/usr/bin/pdftotext", arguments + ["/dev/stdin", "-"], maximum: Self.maximumText)
        return try text(of: outcome)
    }

    func text(_ office: FileKind.Office) throws(ToolProblem) -> Text {
        let outcome = try run(
            "/usr/bin/python3", ["-I", "-c", OfficeScript.source, office.rawValue], maximum: Self.maximumText)
        return try text(of: outcome)
    }

    func pictures(_ pages: PageRange?) throws(ToolProblem) -> CallToolResult {
        let range = pages ?? PageRange(first: 1, last: Self.picturesAtOnce)
        guard range.last - range.first < Self.picturesAtOnce else {
            throw ToolProblem("At most \(Self.picturesAtOnce) pages are shown at a time. Ask for fewer.")
        }
        var content: [Content] = []
        var total = 0
        for page in range.first...range.last {
            let outcome = try run(
                "/usr/bin/pdftoppm",
                ["-png", "-scale-to", "1400", "-singlefile", "-f", "\(page)", "-l", "\(page)", "/dev/stdin"],
                maximum: ReadFileTool.maximumImageBytes)
            let bytes = outcome.output.bytes
            guard outcome.ending == .finished, outcome.status == .exited(0), !bytes.isEmpty else {
                if page > range.first { break }
                throw problem(outcome)
            }
            guard outcome.output.omitted == 0 else {
                content.append(.text("[page \(page) is too large to be shown]"))
                continue
            }
            total += bytes.count
            guard total <= Self.maximumPictureBytes else {
                content.append(.text("[page \(page) and later do not fit here any more; ask for them by themselves]"))
                break
            }
            content.append(.text("[page \(page)]"))
            content.append(.image(data: Base64.encode(bytes), mimeType: "image/png"))
        }
        return CallToolResult(content: content)
    }

    private func text(of outcome: ChildProcess.Outcome) throws(ToolProblem) -> Text {
        // Over the cap the program is ended; what it wrote until then is the document's beginning.
        let isCut = outcome.ending == .printedTooMuch || outcome.output.omitted > 0
        guard isCut || outcome.ending == .finished && outcome.status == .exited(0) else { throw problem(outcome) }
        return Text(text: String(decoding: outcome.output.bytes, as: UTF8.self), isCut: isCut)
    }

    private func run(_ program: String, _ arguments: [String], maximum: Int) throws(ToolProblem) -> ChildProcess.Outcome
    {
        let environment = ["PATH=/usr/bin:/bin", "LANG=C.UTF-8", "HOME=/nonexistent"].map { Array($0.utf8) }
        var limits = ChildProcess.Limits(timeout: Self.timeout)
        limits.head = maximum
        limits.tail = 0
        limits.maximumOutput = maximum
        limits.grace = .zero
        // A descriptor of its own place in the file for each program.
        lseek(file.descriptor, 0, SEEK_SET)
        var child = ChildProcess(program, arguments, environment: environment, limits: limits)
        child.input = file
        child.joinsError = false
        return try child.run(call.cancellation)
    }

    private func problem(_ outcome: ChildProcess.Outcome) -> ToolProblem {
        switch outcome.ending {
        case .timedOut:
            return ToolProblem("\(path) took longer than 60 s to convert. Ask for fewer pages, or use bash.")
        case .cancelled: return ToolProblem("Reading \(path) was cancelled.")
        case .finished, .printedTooMuch:
            let said = String(outcome.error.text.text.trimmingLastNewline.suffix(300))
            return ToolProblem(
                "\(path) could not be read as a document\(said.isEmpty ? "" : ": \(said)"). It may be damaged or protected."
            )
        }
    }
}
