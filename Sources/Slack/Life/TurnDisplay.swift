package import Conversations
package import Model

/// What a turn shows of itself while it runs, as a value: told what happens, it says what to do next. It knows no Slack.
package struct TurnDisplay {
    package enum Step: Hashable {
        case status(String)
        /// A message that is posted, or changed where it is there: what the turn does, and for how long; with it the
        /// answer as far as it is written, or nothing.
        case progress(String, draft: String)
        case startStream(String)
        case append(String)
        /// Whether the draft may still be seen there: to be looked up now.
        case check
        /// What was shown of the draft goes away.
        case retract
        /// Until something happens, that long at most.
        case wait(Duration?)
    }

    /// Which of them are to be had here; each is taken away where Slack does not let us.
    package struct Means: Hashable {
        package var status: Bool
        package var stream: Bool
        package var draft: Bool
        package var progress: Bool

        package init(status: Bool, stream: Bool, draft: Bool, progress: Bool) {
            self.status = status
            self.stream = stream
            self.draft = draft
            self.progress = progress
        }
    }

    private static let statusPause: Duration = .seconds(5)
    /// Slack lets it lapse after two minutes.
    private static let statusLapse: Duration = .seconds(90)
    /// What is over sooner is not worth a message that grows.
    private static let draftAge: Duration = .milliseconds(1500)
    private static let appendPause: Duration = .milliseconds(1500)
    private static let pieceLimit = 8000
    private static let idleStream: Duration = .seconds(15)

    package var means: Means
    private let start: Timestamp
    private let progressAfter: Duration
    private var activity = ActivityWords.start
    private var draft = ""
    private var draftSince: Timestamp?
    /// Of the stream: what it has not got yet.
    private var unsent = ""
    private(set) var isStreaming = false
    private var lastAppend: Timestamp?
    private var isWithdrawn = false
    private var mustCheck = false
    private var status: (text: String, at: Timestamp)?
    private var progress: (step: Step, at: Timestamp)?
    private var notBefore: Timestamp?
    private var held: [Sort: Timestamp] = [:]

    /// What is put off apart from the rest.
    private enum Sort {
        case status, stream, progress

        init?(_ step: Step) {
            switch step {
            case .status: self = .status
            case .startStream, .append: self = .stream
            case .progress: self = .progress
            case .retract, .check, .wait: return nil
            }
        }
    }

    package init(start: Timestamp, means: Means, progressAfter: Duration) {
        self.start = start
        self.means = means
        self.progressAfter = progressAfter
    }

    // MARK: What happens

    package mutating func take(_ event: ConversationEvent, at now: Timestamp) {
        switch event {
        case .state(let text): activity = ActivityWords.words(forState: text)
        case .tool(let tool): activity = ActivityWords.words(for: tool) ?? activity
        case .draft(let text, let reset): add(text, reset: reset, at: now)
        case .approval: activity = "Waiting for an approval"
        case .approvalClosed, .entry, .done: break
        }
    }

    private mutating func add(_ text: String, reset: Bool, at now: Timestamp) {
        if reset {
            // A new try, or the end of what everybody may see.
            mustCheck = isStreaming || !draft.isEmpty
            draft = ""
            // What a stream has shown cannot be taken back: the next try goes below it.
            if isStreaming, !unsent.hasSuffix("\n\n") { unsent += "\n\n" }
            if !isStreaming { unsent = "" }
        }
        draft += text
        unsent += text
        guard !text.isEmpty else { return }
        activity = ActivityWords.writing
        draftSince = draftSince ?? now
    }

    /// Nothing that is being written may be seen there from now on.
    package mutating func withdraw() {
        means.draft = false
        means.stream = false
        draft = ""
        unsent = ""
        isWithdrawn = isStreaming
        mustCheck = false
    }

    // MARK: What was done

    package mutating func did(_ step: Step, at now: Timestamp) {
        switch step {
        case .status(let text): status = (text, now)
        case .progress: progress = (step, now)
        case .startStream(let text), .append(let text):
            unsent.removeFirst(min(text.count, unsent.count))
            isStreaming = true
            lastAppend = now
        case .check: mustCheck = false
        case .retract:
            isStreaming = false
            isWithdrawn = false
        case .wait: break
        }
    }

    /// The stream is no more: what it showed stays for the answer to finish, what comes is shown otherwise.
    package mutating func streamBroke() {
        isStreaming = false
        means.stream = false
    }

    /// This, and nothing else; `nil`: everything.
    package mutating func postpone(_ step: Step? = nil, until time: Timestamp) {
        if let sort = step.flatMap({ Sort($0) }) { held[sort] = time } else { notBefore = time }
    }

    // MARK: What to do

    package func next(at now: Timestamp) -> Step {
        if let notBefore, now < notBefore { return .wait(notBefore.duration(since: now)) }
        var waits: [Duration] = []
        func isDue(_ time: Timestamp) -> Bool {
            if now >= time { return true }
            waits.append(time.duration(since: now))
            return false
        }
        func isFree(_ sort: Sort) -> Bool { held[sort].map { isDue($0) } ?? true }
        if isWithdrawn { return .retract }
        if mustCheck { return .check }
        if means.status, isFree(.status) {
            let words = "is \(activity.prefix(1).lowercased() + activity.dropFirst())…"
            guard let status else { return .status(words) }
            let pause = status.text == words ? Self.statusLapse : Self.statusPause
            if isDue(status.at.advanced(by: pause)) { return .status(words) }
        }
        if means.draft, means.stream, !unsent.isEmpty, unsent != "\n\n", isFree(.stream) {
            let since =
                isStreaming ? lastAppend?.advanced(by: Self.appendPause) : draftSince?.advanced(by: Self.draftAge)
            if let since, isDue(since) {
                let piece = String(unsent.prefix(Self.pieceLimit))
                return isStreaming ? .append(piece) : .startStream(piece)
            }
        }
        if means.progress, isFree(.progress),
            !isStreaming || isDue((lastAppend ?? start).advanced(by: Self.idleStream)),
            isDue(start.advanced(by: progressAfter))
        {
            let showsDraft = means.draft && !means.stream && !draft.isEmpty
            let elapsed = now.duration(since: start)
            let line = "\(activity) · \(ActivityWords.words(for: elapsed))"
            let step = Step.progress(line, draft: showsDraft ? draft : "")
            guard let progress else { return step }
            let pause = Self.pause(after: elapsed)
            if isDue(progress.at.advanced(by: pause)) {
                if step != progress.step { return step }
                // Minutes last longer than the pause: nothing new to say yet, and soon there is.
                waits.append(pause)
            }
        }
        return .wait(waits.min())
    }

    /// Between changes: the longer it takes, the less each second says.
    private static func pause(after elapsed: Duration) -> Duration {
        elapsed < .seconds(60) ? .seconds(5) : elapsed < .seconds(600) ? .seconds(15) : .seconds(60)
    }
}
