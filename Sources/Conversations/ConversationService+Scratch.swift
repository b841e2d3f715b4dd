internal import Logging
internal import Model
internal import Store

// A session's scratch volume goes when its session does. What was worth keeping lies elsewhere: published files are
// attachments, everything else of use is in the thread's, the channel's or the requester's folder.
extension ConversationService {
    /// After the session's containers are gone. What cannot be removed now is found at the next start.
    func discardScratch(of session: SessionID) async {
        do {
            try await parts.compartments.discardScratch(of: session)
        } catch {
            parts.logger.warning(
                "a session's scratch is not removed; the next start tries again",
                metadata: ["session": "\(session)", "error": "\(error)"])
        }
    }

    /// Scratch of sessions that an earlier process ended, or died over. Tries until somebody answers, then is done.
    package func discardLeftScratch() async {
        guard !hasDiscardedLeftScratch else { return }
        do {
            var last: SessionID?
            while case let found = try await parts.compartments.scratches(after: last), let newest = found.last {
                // Scratch of a session nobody knows here is not ours to remove.
                for session in try await database.ended(among: found) { await discardScratch(of: session) }
                last = newest
            }
            hasDiscardedLeftScratch = true
        } catch {
            parts.logger.debug("scratch is not looked through yet", metadata: ["error": "\(error)"])
        }
    }
}
