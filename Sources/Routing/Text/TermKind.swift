/// What a word of a request says about the work asked for. Raw values are places in the scan's counters.
enum TermKind: Int, CaseIterable, Sendable {
    /// Thanks, greetings, yes and no.
    case courtesy
    /// What is said around a request, and the commonest words of grammar: no work is in them.
    case filler
    /// A fact that is looked up or read off.
    case lookup
    /// Small changes of files and settings.
    case housekeeping
    /// Picking out, sorting, putting into another form.
    case extraction
    case summary
    /// Translating and proofreading.
    case language
    /// Drafting text for people.
    case writing
    case explanation
    case comparison
    /// Planning, designing, deciding.
    case planning
    /// Finding a cause, analysing, estimating.
    case investigation
    /// Writing and changing software.
    case software
    /// Holding sets of figures or papers against each other.
    case reconciliation
    /// Proving, deriving, optimising.
    case proof
    /// Mathematics and statistics as subjects.
    case mathematics
    /// Law, finance, medicine, natural science: where a mistake costs and words mean something exact.
    case profession
    /// Conditions, exceptions, quantities that bind.
    case condition
    /// Steps and parts of one request.
    case sequence
    /// Failures and their traces.
    case fault

    /// Whether it names a kind of work, by which a request opens.
    var isWork: Bool {
        switch self {
        case .courtesy, .filler, .mathematics, .profession, .condition, .sequence, .fault: false
        default: true
        }
    }
}
