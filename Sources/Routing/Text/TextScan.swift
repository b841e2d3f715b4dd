/// The one pass over a text's window: linear in its bytes, no matter what stands in them.
struct TextScan {
    private(set) var counts = TextCounts()
    private let table: TermTable

    /// The word being read.
    private var hash = TermTable.seed
    private var length = 0
    private var hasUnderscore = false
    private var humps = 0
    private var lastWasLower = false
    /// The longest stem that the word begins with.
    private var stem: TermKind?
    /// The word before, and a space.
    private var previous: UInt64?
    private var wordsSeen = 0
    private var inNumber = false
    /// The last three characters of a writing without spaces.
    private var recent: [UInt32] = []

    private var atLineStart = true
    private var lineDigits = 0
    private var backticks = 0
    private var isFenced = false
    private var last: UInt32 = 10

    static func counts(of window: TextWindow, table: TermTable = .shared) -> TextCounts {
        window.bytes.withUnsafeBufferPointer { bytes in
            var reader = ScalarReader(bytes)
            var scan = TextScan(table: table)
            while let scalar = reader.next() { scan.read(scalar) }
            scan.read(10)
            return scan.counts
        }
    }

    private init(table: TermTable) {
        self.table = table
    }

    private mutating func read(_ scalar: UInt32) {
        let (kind, lower) = ScalarClass.of(scalar)
        if kind == .ignored { return }
        if kind != .letter, length > 0, !continuesWord(scalar) { endWord() }
        if kind != .digit { endNumber(before: scalar) }
        if kind != .ideograph, !recent.isEmpty { recent.removeAll(keepingCapacity: true) }
        backticks = scalar == 0x60 ? backticks + 1 : 0
        switch kind {
        case .letter: readLetter(lower, isUpper: lower != scalar)
        case .digit: readDigit()
        case .ideograph: readIdeograph(scalar)
        case .punctuation: readPunctuation(scalar)
        case .newline: endLine()
        case .space, .ignored: break
        }
        if kind != .space, kind != .newline, kind != .digit { atLineStart = false }
        last = scalar
    }

    private mutating func readLetter(_ lower: UInt32, isUpper: Bool) {
        hash = TermTable.extend(hash, lower)
        length += 1
        if isUpper, lastWasLower { humps += 1 }
        lastWasLower = !isUpper
        if length >= 3, length <= 16, let entry = table.entry(hash), entry.isStem { stem = entry.kind }
    }

    /// Apostrophes, hyphens and underscores stand inside words.
    private mutating func continuesWord(_ scalar: UInt32) -> Bool {
        switch scalar {
        case 0x27, 0x2019: hash = TermTable.extend(hash, 0x27)
        case 0x2D: hash = TermTable.extend(hash, 0x2D)
        case 0x5F: hasUnderscore = true
        default: return false
        }
        return true
    }

    private mutating func endWord() {
        defer {
            hash = TermTable.seed
            length = 0
            hasUnderscore = false
            humps = 0
            lastWasLower = false
            stem = nil
        }
        if hasUnderscore || humps > 0 { counts.codeMarks += 1 }
        if isFenced { return }
        let own = table.entry(hash)
        let phrase = previous.flatMap { table.entry(TermTable.join($0, hash))?.kind }
        let kind = phrase ?? own?.kind ?? stem
        if kind != .filler, kind != .courtesy {
            counts.words += 1
            wordsSeen += 1
        }
        if let kind { count(kind) }
        previous = hash
    }

    private mutating func count(_ kind: TermKind) {
        counts.terms[kind.rawValue] += 1
        if counts.opening == nil, wordsSeen <= 5, kind.isWork {
            counts.opening = kind
        }
    }

    private mutating func readDigit() {
        if atLineStart { lineDigits += 1 }
        inNumber = true
    }

    private mutating func endNumber(before scalar: UInt32) {
        guard inNumber else { return }
        // 1.5, 1,000 and 12:30 are one number each.
        if scalar == 0x2E || scalar == 0x2C || scalar == 0x3A, !atLineStart { return }
        inNumber = false
        if atLineStart, lineDigits <= 2, scalar == 0x2E || scalar == 0x29 {
            if !isFenced { counts.items += 1 }
        } else if !isFenced {
            counts.numbers += 1
        }
        lineDigits = 0
        atLineStart = false
    }

    private mutating func readIdeograph(_ scalar: UInt32) {
        counts.ideographs += 1
        if isFenced { return }
        counts.words += 0.5
        if counts.ideographs % 2 == 0 { wordsSeen += 1 }
        recent.append(scalar)
        if recent.count > 5 { recent.removeFirst() }
        // The longest term that ends here.
        for start in recent.indices {
            let hash = recent[start...].reduce(TermTable.seed, TermTable.extend)
            guard let kind = table.entry(hash)?.kind else { continue }
            count(kind)
            if kind == .filler || kind == .courtesy {
                counts.words = max(0, counts.words - 0.5 * Double(recent.count - start))
            }
            return
        }
    }

    private mutating func readPunctuation(_ scalar: UInt32) {
        if scalar == 0x60, backticks == 3 {
            if atLineStart || last == 0x60 { isFenced.toggle() }
            if isFenced { counts.fences += 1 }
            return
        }
        switch scalar {
        case 0x7B, 0x7D, 0x3B: counts.codeMarks += 1
        case 0x3E where last == 0x2D || last == 0x3D: counts.codeMarks += 1
        case 0x28 where last == 0x29 || last == 0x5F: counts.codeMarks += 1
        case 0x3A where last == 0x3A: counts.codeMarks += 1
        default: break
        }
        if isFenced { return }
        switch scalar {
        case 0x2D, 0x2A, 0x2022: if atLineStart { counts.items += 1 }
        case 0x3D, 0x2B, 0x5E, 0x5C, 0x25, 0xB1, 0xD7, 0xF7, 0x2200...0x22FF: counts.mathSymbols += 1
        case 0x3C, 0x3E: if last == 0x20 { counts.mathSymbols += 1 }
        default: break
        }
    }

    private mutating func endLine() {
        atLineStart = true
        lineDigits = 0
        previous = nil
    }
}
