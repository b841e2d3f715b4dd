/// Turns an Office document on standard input into text, in the workspace's own Python: what a document can do to its
/// reader happens to a short-lived process. Spreadsheets need openpyxl, the others nothing beyond the standard library.
enum OfficeScript {
    static let source = #"""
        import io, sys, zipfile
        from xml.etree import ElementTree

        kind = sys.argv[1]
        data = io.BytesIO(sys.stdin.buffer.read(256 << 20))
        out = sys.stdout
        LIMIT = 64 << 20

        def fail(text):
            sys.stderr.write(text)
            sys.exit(1)

        def member(archive, name):
            if archive.getinfo(name).file_size > LIMIT:
                fail("a part of it is larger than 64 MiB when unpacked")
            return ElementTree.fromstring(archive.read(name))

        def local(element):
            return element.tag.rsplit("}", 1)[-1] if isinstance(element.tag, str) else ""

        def words(element):
            parts = []
            for e in element.iter():
                name = local(e)
                if name == "t" and e.text:
                    parts.append(e.text)
                elif name == "tab":
                    parts.append("\t")
                elif name in ("br", "cr"):
                    parts.append("\n")
            return "".join(parts)

        def attribute(element, name):
            return next((v for k, v in element.attrib.items() if k.rsplit("}", 1)[-1] == name), "")

        def blocks(element):
            for child in element:
                name = local(child)
                if name == "p":
                    style = next((attribute(e, "val") for e in child.iter() if local(e) == "pStyle"), "")
                    text = words(child)
                    if style.lower().startswith("heading") and text:
                        level = style[7:].strip()
                        out.write("#" * (int(level) if level.isdigit() and int(level) < 7 else 1) + " ")
                    elif any(local(e) == "numPr" for e in child.iter()) and text:
                        out.write("- ")
                    out.write(text + "\n")
                elif name == "tbl":
                    for row in (e for e in child if local(e) == "tr"):
                        cells = [" ".join(words(c).split()) for c in row if local(c) == "tc"]
                        out.write("| " + " | ".join(cells) + " |\n")
                    out.write("\n")
                elif name in ("body", "sdt", "sdtContent"):
                    blocks(child)

        def docx():
            with zipfile.ZipFile(data) as archive:
                blocks(member(archive, "word/document.xml"))

        def pptx():
            with zipfile.ZipFile(data) as archive:
                def number(name):
                    digits = "".join(c for c in name.rsplit("/", 1)[-1] if c.isdigit())
                    return int(digits) if digits else 0
                names = sorted((n for n in archive.namelist()
                    if n.startswith("ppt/slides/slide") and n.endswith(".xml")), key=number)
                notes = set(archive.namelist())
                for name in names:
                    out.write("--- slide %d ---\n" % number(name))
                    for paragraph in (e for e in member(archive, name).iter() if local(e) == "p"):
                        text = words(paragraph)
                        if text.strip():
                            out.write(text + "\n")
                    note = "ppt/notesSlides/notesSlide%d.xml" % number(name)
                    if note in notes:
                        text = " ".join(words(e) for e in member(archive, note).iter() if local(e) == "p").strip()
                        if text:
                            out.write("[notes: %s]\n" % text)

        def xlsx():
            import openpyxl
            book = openpyxl.load_workbook(data, read_only=True, data_only=True)
            for sheet in book.worksheets:
                out.write("--- sheet %s ---\n" % sheet.title)
                for row in sheet.iter_rows(values_only=True):
                    cells = ["" if v is None else str(v) for v in row]
                    while cells and not cells[-1]:
                        cells.pop()
                    if cells:
                        out.write("\t".join(c.replace("\t", " ").replace("\n", " ") for c in cells) + "\n")

        try:
            {"docx": docx, "pptx": pptx, "xlsx": xlsx}[kind]()
        except BrokenPipeError:
            pass
        except Exception as error:
            fail("%s: %s" % (type(error).__name__, error))
        """#
}
