import MCP
import Testing
import WorkspaceTools

/// Needs what the workspace image has: poppler-utils, python3 and python3-openpyxl (scripts/packages.sh test).
@Suite struct DocumentTests {
    /// A PDF of two pages, written by hand; readers mend its missing cross references.
    private static let pdf: [UInt8] = {
        func page(_ number: Int, _ text: String) -> String {
            let stream = "BT /F1 24 Tf 20 100 Td (\(text)) Tj ET"
            return "\(number) 0 obj\n<</Type/Page/Parent 2 0 R/MediaBox[0 0 300 200]/Resources<</Font<</F1 9 0 R>>>>"
                + "/Contents \(number + 1) 0 R>>\nendobj\n\(number + 1) 0 obj\n<</Length \(stream.utf8.count)>>\nstream\n"
                + "\(stream)\nendstream\nendobj\n"
        }
        return Array(
            ("%PDF-1.4\n1 0 obj\n<</Type/Catalog/Pages 2 0 R>>\nendobj\n"
                + "2 0 obj\n<</Type/Pages/Kids[3 0 R 5 0 R]/Count 2>>\nendobj\n" + page(3, "First page")
                + page(5, "Second page")
                + "9 0 obj\n<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>\nendobj\ntrailer\n<</Root 1 0 R>>\n%%EOF\n")
                .utf8)
    }()

    @Test func aPDFIsReadAsText() async throws {
        let workspace = try TemporaryWorkspace()
        try workspace.put("r.pdf", Self.pdf)
        let text = try await workspace.text("read_file", ["path": "r.pdf"])
        #expect(text.contains("First page"))
        #expect(text.contains("Second page"))
        let second = try await workspace.text("read_file", ["path": "r.pdf", "pages": "2"])
        #expect(!second.contains("First page"))
    }

    @Test func aPDFIsShownAsPictures() async throws {
        let workspace = try TemporaryWorkspace()
        try workspace.put("r.pdf", Self.pdf)
        let result = try await workspace.call("read_file", ["path": "r.pdf", "as": "images"])
        #expect(!result.isError)
        let images = result.content.filter { if case .image = $0 { true } else { false } }
        #expect(images.count == 2)
        #expect(
            try await workspace.failure("read_file", ["path": "r.pdf", "as": "images", "pages": "1-9"]).contains(
                "At most 5"))
        #expect(try await workspace.failure("read_file", ["path": "r.pdf", "pages": "x"]).contains("range"))
    }

    @Test func officeDocumentsAreReadAsText() async throws {
        let workspace = try TemporaryWorkspace()
        try workspace.put("make.py", Self.maker)
        let made = try await workspace.bash("/usr/bin/python3 make.py")
        try #require(made.contains("[exit status 0"), "\(made)")
        let document = try await workspace.text("read_file", ["path": "d.docx"])
        #expect(document == "# Title\nHello wörld\n| a | b |\n\n")
        let slides = try await workspace.text("read_file", ["path": "s.pptx"])
        #expect(slides == "--- slide 2 ---\nSecond\n[notes: say this]\n--- slide 10 ---\nTenth\n")
        let book = try await workspace.text("read_file", ["path": "b.xlsx"])
        #expect(book.contains("--- sheet Sales ---\nregion\tsum\nnorth\t12.5"))
    }

    @Test func brokenDocumentsAreSentences() async throws {
        let workspace = try TemporaryWorkspace()
        try workspace.put("r.pdf", "%PDF-1.4 and nothing more")
        try workspace.put("d.docx", [0x50, 0x4B, 3, 4, 0, 0])
        try workspace.put("b.xlsx", [0x50, 0x4B, 3, 4, 0, 0])
        for name in ["r.pdf", "d.docx", "b.xlsx"] {
            let text = try await workspace.failure("read_file", ["path": .string(name)])
            #expect(text.contains("could not be read as a document"))
        }
    }

    @Test func aDocumentThatUnpacksWithoutEndIsRefused() async throws {
        let workspace = try TemporaryWorkspace()
        try workspace.put(
            "bomb.py",
            """
            import zipfile
            with zipfile.ZipFile("d.docx", "w", zipfile.ZIP_DEFLATED) as z:
                with z.open("word/document.xml", "w") as f:
                    for _ in range(80): f.write(b" " * (1 << 20))
            """)
        _ = try await workspace.bash("/usr/bin/python3 bomb.py")
        #expect(try await workspace.failure("read_file", ["path": "d.docx"]).contains("larger than 64 MiB"))
    }

    private static let maker = """
        import zipfile, openpyxl
        W = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
        A = 'xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main"'
        def p(text, style=""):
            style = '<w:pPr><w:pStyle w:val="%s"/></w:pPr>' % style if style else ""
            return "<w:p>%s<w:r><w:t>%s</w:t></w:r></w:p>" % (style, text)
        with zipfile.ZipFile("d.docx", "w") as z:
            cells = "".join("<w:tc>%s</w:tc>" % p(c) for c in "ab")
            z.writestr("word/document.xml", '<w:document %s><w:body>%s%s<w:tbl><w:tr>%s</w:tr></w:tbl></w:body></w:document>'
                % (W, p("Title", "Heading1"), p("Hello w\\u00f6rld"), cells))
        with zipfile.ZipFile("s.pptx", "w") as z:
            for n, text in ((10, "Tenth"), (2, "Second")):
                z.writestr("ppt/slides/slide%d.xml" % n, '<s %s><a:p><a:r><a:t>%s</a:t></a:r></a:p></s>' % (A, text))
            z.writestr("ppt/notesSlides/notesSlide2.xml", '<s %s><a:p><a:t>say this</a:t></a:p></s>' % A)
        book = openpyxl.Workbook()
        sheet = book.active
        sheet.title = "Sales"
        sheet.append(["region", "sum"])
        sheet.append(["north", 12.5])
        book.save("b.xlsx")
        """
}
