/// A program that only reads when it is called with these options. What is not listed is not accepted, abbreviations of
/// long options included: many of these can write or run something when told to (`sort -o`, `rg --pre`, `diff -l`).
struct ReadingProgram: Sendable {
    /// One-letter options without a value; they may stand together.
    private var flags = ""
    /// One-letter options with a value, in the same word or the next.
    private var valued = ""
    /// Long options without a value.
    private var long: Set<String> = []
    /// Long options with a value, which has to stand in the same word: what the next word is depends on the program.
    private var longValued: Set<String> = []
    /// Whole words that are options of their own, with the number of words that belong to each: `find`'s.
    private var primaries: [String: Int] = [:]
    private var operands = Int.max
    /// What an operand may begin with, where that matters: `date` sets the clock to any but `+FORMAT`.
    private var operandPrefix = ""
    /// `head -5`.
    private var takesNumber = false

    func accepts(_ words: ArraySlice<String>) -> Bool {
        var (rest, count) = (words, 0)
        var areOptionsOver = false
        while let word = rest.popFirst() {
            if !areOptionsOver, word == "--" {
                // To `find` it ends nothing that matters here.
                guard primaries.isEmpty else { return false }
                areOptionsOver = true
            } else if !areOptionsOver, word.utf8.first == UInt8(ascii: "-"), word != "-" {
                guard acceptsOption(word, &rest) else { return false }
            } else {
                count += 1
                guard count <= operands, word.hasPrefix(operandPrefix) || operandPrefix.isEmpty else { return false }
            }
        }
        return true
    }

    private func acceptsOption(_ word: String, _ rest: inout ArraySlice<String>) -> Bool {
        if let arity = primaries[word] {
            guard rest.count >= arity else { return false }
            rest = rest.dropFirst(arity)
            return true
        }
        if word.hasPrefix("--") {
            let name = String(word.dropFirst(2).prefix { $0 != "=" })
            return word.contains("=") ? longValued.contains(name) : long.contains(name)
        }
        if takesNumber, word.utf8.dropFirst().allSatisfy({ (0x30...0x39).contains($0) }) { return true }
        var letters = word.dropFirst()
        while let letter = letters.popFirst() {
            if valued.contains(letter) {
                // The rest of the word is the value, or the next word is.
                return !letters.isEmpty || rest.popFirst() != nil
            }
            guard flags.contains(letter) else { return false }
        }
        return true
    }

    static let known: [String: ReadingProgram] = {
        let search = ReadingProgram(
            flags: "ivnclLowxEFrRHhsqa", valued: "eABCm",
            long: [
                "ignore-case", "invert-match", "line-number", "count", "files-with-matches", "word-regexp", "recursive",
                "only-matching", "fixed-strings", "extended-regexp",
            ], longValued: ["include", "exclude", "exclude-dir"])
        let digest = ReadingProgram(flags: "bct")
        let nothing = ReadingProgram()
        return [
            "basename": nothing,
            "cat": ReadingProgram(flags: "nbsAETvet"),
            "cd": ReadingProgram(operands: 1),
            "cmp": ReadingProgram(flags: "slb"),
            "comm": ReadingProgram(flags: "123"),
            "cut": ReadingProgram(flags: "s", valued: "dfcb", long: ["complement"], longValued: ["output-delimiter"]),
            "date": ReadingProgram(flags: "uR", valued: "d", operandPrefix: "+"),
            "df": ReadingProgram(flags: "hT"),
            "diff": ReadingProgram(flags: "uqriwbBN", valued: "U"),
            "dirname": nothing,
            "du": ReadingProgram(flags: "shac", valued: "d"),
            "echo": ReadingProgram(flags: "neE"),
            "false": nothing,
            "file": ReadingProgram(flags: "bi"),
            "find": ReadingProgram(primaries: [
                "-name": 1, "-iname": 1, "-path": 1, "-ipath": 1, "-type": 1, "-size": 1, "-mtime": 1, "-mmin": 1,
                "-newer": 1, "-maxdepth": 1, "-mindepth": 1, "-print": 0, "-print0": 0, "-not": 0, "-o": 0, "-a": 0,
                "-empty": 0, "-ls": 0,
            ]),
            "fold": ReadingProgram(flags: "s", valued: "w"),
            "grep": search,
            "head": ReadingProgram(flags: "qv", valued: "nc", longValued: ["lines", "bytes"], takesNumber: true),
            "id": ReadingProgram(flags: "ugn"),
            "jq": ReadingProgram(flags: "rcSseMna", long: ["raw-output", "compact-output", "sort-keys", "slurp"]),
            "ls": ReadingProgram(
                flags: "aAlhrtSR1dFisnogp", long: ["all", "almost-all", "human-readable", "recursive", "reverse"]),
            "md5sum": digest,
            "nl": ReadingProgram(flags: "p", valued: "bw"),
            "od": ReadingProgram(flags: "cxv", valued: "AtNj"),
            "paste": ReadingProgram(flags: "s", valued: "d"),
            "pwd": ReadingProgram(flags: "LP", operands: 0),
            "readlink": ReadingProgram(flags: "femn"),
            "realpath": ReadingProgram(flags: "ems"),
            "rev": nothing,
            "rg": ReadingProgram(
                flags: "invclwFSoHNsUx", valued: "egtTABCm",
                long: ["ignore-case", "line-number", "count", "files-with-matches", "files"],
                longValued: ["glob", "type"]),
            "seq": ReadingProgram(flags: "w", valued: "s"),
            "sha1sum": digest,
            "sha256sum": digest,
            "sha512sum": digest,
            "sort": ReadingProgram(flags: "rnufbhVgMdisc", valued: "kt"),
            "stat": ReadingProgram(flags: "Ltf", valued: "c"),
            "strings": ReadingProgram(flags: "a", valued: "n"),
            "tac": nothing,
            "tail": ReadingProgram(flags: "qv", valued: "nc", longValued: ["lines", "bytes"], takesNumber: true),
            "tr": ReadingProgram(flags: "dscCt"),
            "true": nothing,
            "uname": ReadingProgram(flags: "asrm"),
            "uniq": ReadingProgram(flags: "cdui", valued: "fsw", operands: 1),
            "wc": ReadingProgram(flags: "lwcmL", long: ["lines", "words", "bytes"]),
            "whoami": nothing,
        ]
    }()
}
