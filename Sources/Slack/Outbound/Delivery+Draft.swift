internal import Logging
internal import Model
internal import SlackAPI
internal import Store

// A message in which people watched the answer being written becomes the answer; what only told of the work goes away.
extension Delivery {
    /// Finishes the message that shows the turn's draft there, if one does. `nil` where there is none, or it cannot be
    /// finished: the answer is posted anew then, and the other taken away. `seen`: where the answer stands already.
    func finishDraft(
        with part: RenderedEntry.Part, at place: SlackAddress, seen: String?
    ) async throws -> String? {
        for draft in try await open([.stream, .progress], at: place) where draft.kind == .stream || draft.showsDraft {
            guard let ts = try await standing(draft)?.ts, seen == nil || seen == ts else { continue }
            let posted = SlackPosted(channel: draft.channel, ts: ts)
            if draft.kind == .stream { try await stop(posted) }
            do {
                // Twice is as good as once: the words take the place of what stands there.
                try await tools.slack.update(posted, text: part.text, blocks: part.blocks ?? [], metadata: marker(0))
            } catch let error as SlackError where error.kind == .permanent || error.kind == .notThere {
                tools.logger.debug("a draft could not be finished", metadata: ["error": "\(error)"])
                continue
            }
            try await tools.database.changePost(draft.id, to: .ended)
            return ts
        }
        return nil
    }

    /// Takes away what is left of the turn's progress and drafts there. What fails waits for the next sweep: the answer
    /// stands.
    func clearAway(at place: SlackAddress, but answer: String?) async throws {
        for post in try await open([.stream, .progress], at: place) {
            guard let posted = try await standing(post) else {
                // What may appear yet is the next sweep's.
                if !UnseenPost(post).mayAppear(at: tools.time.now()) {
                    try await tools.database.changePost(post.id, to: .ended)
                }
                continue
            }
            guard posted.ts != answer else {
                try await tools.database.changePost(post.id, to: .ended)
                continue
            }
            do {
                if post.kind == .stream { try await stop(posted) }
                try await tools.slack.delete(posted)
                try await tools.database.changePost(post.id, to: .ended)
            } catch let error as SlackError {
                tools.logger.debug("a sign of life is left for later", metadata: ["error": "\(error)"])
            }
        }
    }

    /// Where it stands. What cannot be looked for now is the next sweep's: the answer does not wait for it.
    private func standing(_ post: SlackPostRecord) async throws -> SlackPosted? {
        do {
            return try await UnseenPost(post).find(tools.slack, tools.database)
        } catch let error as SlackError {
            tools.logger.debug("a draft could not be looked for", metadata: ["error": "\(error)"])
            return nil
        }
    }

    private func open(_ kinds: [SlackPostRecord.Kind], at place: SlackAddress) async throws -> [SlackPostRecord] {
        guard let turn = record.turn else { return [] }
        var posts: [SlackPostRecord] = []
        for kind in kinds {
            posts += try await tools.database.posts(kind, of: turn.rawValue).filter {
                $0.state != .ended && $0.channel == place.channel
            }
        }
        return posts
    }

    /// One that Slack or its reader has ended already is as well.
    private func stop(_ posted: SlackPosted) async throws {
        do {
            try await tools.slack.stopStream(posted, markdown: "", blocks: nil, metadata: nil)
        } catch let error as SlackError where error.kind == .permanent || error.kind == .notThere {
            tools.logger.debug("a stream had ended", metadata: ["error": "\(error)"])
        } catch let error as SlackError where error.kind == .unknownOutcome {
            // It has stopped or it has not: the change that follows says which.
        }
    }
}

extension SlackPostRecord {
    static let draftReference = "draft"

    var showsDraft: Bool { reference == Self.draftReference }
}
