internal import Conversations
internal import Model
internal import SlackAPI

extension SlackEventHandler {
    /// The files of a message as its author's own, and a note for each that could not be had, whatever the reason: the
    /// words are worth answering without it. A note names no file: it is told with the author's words, and the file's name
    /// may be somebody else's.
    func fetch(_ files: [SlackFile], for person: PersonID) async throws -> (ids: [AttachmentID], notes: [String]) {
        let options = options
        var ids: [AttachmentID] = []
        var notes: [String] = []
        for (number, file) in files.enumerated() {
            func note(_ reason: String) { notes.append("[File \(number + 1) of this message is not here: \(reason)]") }
            if let obstacle = file.obstacle {
                note("\(obstacle).")
                continue
            }
            guard ids.count < options.filesPerMessage else {
                note("a message takes \(options.filesPerMessage) files at most.")
                continue
            }
            guard file.size ?? 0 <= options.fileBytes else {
                note("it is larger than \(options.fileBytes >> 20) MiB.")
                continue
            }
            do {
                let bytes = try await parts.workspace.content(of: file, limit: options.fileBytes)
                ids.append(try await parts.conversations.upload(name: file.name, bytes: bytes, by: person).id)
            } catch let error as SlackError where error.kind != .transient {
                note("Slack does not let me have it (\(error.code)).")
            } catch let error as ChatError where error.code == .tooLarge || error.code == .invalid {
                note(error.code == .tooLarge ? "it is too large." : "it cannot be kept.")
            }
        }
        return (ids, notes)
    }
}
