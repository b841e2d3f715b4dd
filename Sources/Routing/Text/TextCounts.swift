/// What one pass over a text counted. `TextFeatures` makes of it what the router weighs.
struct TextCounts: Sendable {
    /// Words outside code, without courtesies and fillers; in writing without spaces, half the characters.
    var words = 0.0
    /// Terms by kind.
    var terms = [Int](repeating: 0, count: TermKind.allCases.count)
    /// The kind the text's first five words that count speak of first: what people ask for stands in front, mostly.
    var opening: TermKind?
    var numbers = 0
    /// Lines that begin with a dash, a bullet, or a number and a point.
    var items = 0
    /// Operators, relations, LaTeX's commands.
    var mathSymbols = 0
    /// Braces, arrows, names_like_this and likeThis.
    var codeMarks = 0
    var fences = 0
    /// Ideographs and their like.
    var ideographs = 0
}
