import Glibc
package import MCP

/// Shows a file to the model: text by lines, images as images, documents as text or as pictures of their pages.
package struct ReadFileTool: WorkspaceTool {
    private static let defaultLines = 2000
    private static let maximumBytes = 128 << 10
    private static let maximumLineBytes = 16 << 10
    /// Five megabytes of base64 is what the Messages API takes.
    static let maximumImageBytes = 3_700_000

    private let workspace: Workspace

    package init(workspace: Workspace) { self.workspace = workspace }

    package var tool: Tool {
        Tool(
            name: "read_file", title: "Read a file",
            description: """
                Reads a file of the workspace. Text comes as it is, at most \(Self.defaultLines) lines or 128 KiB at a \
                time: use offset and limit for more. Images (PNG, JPEG, GIF, WebP) are shown to you. PDF, DOCX, XLSX \
                and PPTX come as text; for a PDF, "as": "images" shows pages as pictures (for scans, charts, layout), \
                with "pages" to choose them. Other binary files are described only.
                """,
            inputSchema: Schema.object(
                [
                    "path": Schema.string("Absolute below \(workspace.root), or relative to \(workspace.homePath)."),
                    "offset": Schema.int(
                        "First line to read, from 1. For documents: of their text.", 1...Int(Int32.max)),
                    "limit": Schema.int("How many lines. Default \(Self.defaultLines).", 1...100_000),
                    "pages": Schema.string("For a PDF: a page or a range, such as \"3\" or \"2-5\"."),
                    "as": Schema.choice(["text", "images"], "For a PDF. Default text; images: five pages at a time."),
                ], required: ["path"]), annotations: Annotations.reads)
    }

    package func run(_ arguments: JSONObject, _ call: ToolRun) throws(ToolProblem) -> CallToolResult {
        let arguments = try Arguments(arguments, allowed: ["path", "offset", "limit", "pages", "as"])
        let path = try arguments.string("path")
        let offset = try arguments.int("offset", in: 1...Int(Int32.max)) ?? 1
        let limit = try arguments.int("limit", in: 1...100_000) ?? Self.defaultLines
        let pages = try arguments.optionalString("pages").map { text throws(ToolProblem) in try PageRange(text) }
        let form = try arguments.choice("as", of: ["text", "images"]) ?? "text"
        let (file, status) = try workspace.openFile(path)
        let start = try file.read(at: 0, count: FileKind.sniffedBytes)
        let kind = FileKind(start: start, name: path)
        guard kind == .pdf || pages == nil && form == "text" else {
            throw ToolProblem("\"pages\" and \"as\" are for PDF files; \(path) is none.")
        }
        let documents = DocumentReader(file: file, path: path, call: call)
        switch kind {
        case .text: return try text(file, status, path, offset, limit, call)
        case .image(let type): return try image(file, status, path, type)
        case .pdf:
            return form == "images"
                ? try documents.pictures(pages) : lines(of: try documents.text(pages), path, offset, limit)
        case .document(let office): return lines(of: try documents.text(office), path, offset, limit)
        case .binary(let what):
            return .text("\(path) is \(what), \(status.st_size) bytes. It is not shown; work on it with bash.")
        }
    }

    private func text(
        _ file: OpenFile, _ status: stat, _ path: String, _ offset: Int, _ limit: Int, _ call: ToolRun
    ) throws(ToolProblem) -> CallToolResult {
        guard status.st_size > 0 else { return .text("[\(path) is empty]") }
        let reader = LineReader(maximumBytes: Self.maximumBytes, maximumLineBytes: Self.maximumLineBytes)
        guard let page = try reader.page(file, first: offset, count: limit, cancellation: call.cancellation) else {
            throw ToolProblem("\(path) has fewer than \(offset) lines. Read it with a smaller offset.")
        }
        return shown(page.bytes, from: offset, page.lines, isWhole: page.reachedEnd, cutLines: page.cutLines)
    }

    private func shown(_ bytes: [UInt8], from offset: Int, _ lines: Int, isWhole: Bool, cutLines: Int) -> CallToolResult
    {
        let visible = VisibleText(bytes)
        var notes: [String] = []
        if visible.hadInvalidBytes { notes.append(VisibleText.note) }
        if cutLines > 0 {
            notes.append("[\(cutLines) lines were longer than 16 KiB and are cut; use bash with cut -c]")
        }
        if offset > 1 || !isWhole {
            let more = isWhole ? "the end" : "more follows, read on with offset \(offset + lines)"
            notes.append("[lines \(offset) to \(offset + lines - 1); \(more)]")
        }
        guard !notes.isEmpty else { return .text(visible.text) }
        let separator = visible.text.hasSuffix("\n") ? "" : "\n"
        return .text(visible.text + separator + notes.joined(separator: "\n"))
    }

    private func image(
        _ file: OpenFile, _ status: stat, _ path: String, _ type: String
    ) throws(ToolProblem) -> CallToolResult {
        guard status.st_size <= Self.maximumImageBytes else {
            throw ToolProblem(
                "\(path) is an image of \(status.st_size) bytes; at most \(Self.maximumImageBytes) can be shown. Make it "
                    + "smaller first, for example with python3.")
        }
        let bytes = try file.read(at: 0, count: Self.maximumImageBytes)
        return CallToolResult(content: [.image(data: Base64.encode(bytes), mimeType: type)])
    }

    /// A document's text, paged like a file's.
    private func lines(of text: DocumentReader.Text, _ path: String, _ offset: Int, _ limit: Int) -> CallToolResult {
        let all = text.text.split(separator: "\n", omittingEmptySubsequences: false)
        guard offset <= all.count else {
            return .failure("The text of \(path) has \(all.count) lines only. Read it with a smaller offset.")
        }
        var taken: [Substring] = []
        var bytes = 0
        for line in all[(offset - 1)...].prefix(limit) {
            if bytes + line.utf8.count > Self.maximumBytes, !taken.isEmpty { break }
            taken.append(line.prefix(Self.maximumLineBytes))
            bytes += line.utf8.count + 1
        }
        let isWhole = offset - 1 + taken.count == all.count
        var result = shown(
            Array(taken.joined(separator: "\n").utf8), from: offset, taken.count, isWhole: isWhole, cutLines: 0)
        if text.text.allSatisfy(\.isWhitespace) {
            result = .text("[\(path) holds no text. A PDF may be a scan: read it with \"as\": \"images\".]")
        }
        if text.isCut { result.content.append(.text("[the document's text is longer than 4 MiB and is cut]")) }
        return result
    }
}
