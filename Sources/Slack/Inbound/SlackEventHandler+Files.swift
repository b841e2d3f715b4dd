internal import Conversations
internal import Model
internal import SlackAPI

extension SlackEventHandler {
    /// The files of a message as its author's own, and a note for each that could not be had: the words are worth
    /// answering without it.
    func fetch(_ files: [SlackFile], for person: PersonID) async throws -> (ids: [AttachmentID], notes: [String]) {
        let options = options
        var ids: [AttachmentID] = []
        var notes: [String] = []
        for file in files {
            let name = String(file.name.prefix(100))
            if let obstacle = file.obstacle {
                notes.append("[The file \(name) is not here: \(obstacle).]")
                continue
            }
            guard ids.count < options.filesPerMessage else {
                notes.append(
                    "[The file \(name) is not here: a message takes \(options.filesPerMessage) files at most.]")
                continue
            }
            guard file.size ?? 0 <= options.fileBytes else {
                notes.append("[The file \(name) is not here: it is larger than \(options.fileBytes >> 20) MiB.]")
                continue
            }
            do {
                let bytes = try await parts.workspace.content(of: file, limit: options.fileBytes)
                ids.append(try await parts.conversations.upload(name: file.name, bytes: bytes, by: person).id)
            } catch let error as SlackError where error.kind == .permanent || error.kind == .notThere {
                notes.append("[The file \(name) is not here: \(error.message)]")
            } catch let error as ChatError where error.code == .tooLarge || error.code == .invalid {
                notes.append("[The file \(name) is not here: \(error.message)]")
            }
        }
        return (ids, notes)
    }
}
