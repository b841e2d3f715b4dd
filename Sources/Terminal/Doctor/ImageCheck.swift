/// Whether an image is the one this installation built: its labels, what is in it, and what was noted when it was built.
package enum ImageCheck {
    /// What `make run` noted in `bin/images`: what `image/build.sh` said last, from the definition in `image/` and the program
    /// in `bin/`.
    package struct Noted: Sendable {
        package var name: String?
        package var definition: String?
        package var content: String?

        package init(_ text: String, part: String) {
            for line in text.split(whereSeparator: \.isNewline) {
                guard let equals = line.firstIndex(of: "=") else { continue }
                let value = String(line[line.index(after: equals)...])
                switch line[..<equals] {
                case part: name = value
                case part + ".definition": definition = value
                case part + ".content": content = value
                default: break
                }
            }
        }
    }

    package static func finding(
        _ part: String, name: String, labels: [String: String], layers: [String], bytes: Int64, noted: Noted?
    ) -> Finding {
        let subject = part + " image"
        let size = EntryText.size(bytes)
        guard let definition = labels["bulkhead.definition"], let content = labels["bulkhead.content"] else {
            return Finding(
                .warn, subject, "\(name) is there (\(size)) but does not say what it was built from",
                advice: "`make run` builds it again.")
        }
        guard labels["bulkhead.image"] == part else {
            return Finding(
                .fail, subject, "\(name) says it is for something else: \(labels["bulkhead.image"] ?? "nothing")",
                advice: "`make run` builds it again.")
        }
        guard content == layers.joined(separator: " ") else {
            return Finding(
                .fail, subject, "\(name) holds something else than its label says: it was changed after it was built",
                advice: "Find out by whom. `make run` builds it again.")
        }
        if let expected = noted?.definition, expected != definition {
            return Finding(
                .fail, subject, "\(name) was built from definition \(definition), this installation's is \(expected)",
                advice: "Something else built an image of this name. `make run` builds it again.")
        }
        if let expected = noted?.content, expected != content {
            return Finding(
                .warn, subject,
                "\(name) has the right definition, but was built again since: other package versions may be in it",
                advice: "`make run` takes note of it.")
        }
        let digest = layers.last.map { $0.split(separator: ":").last.map { String($0.prefix(12)) } ?? $0 } ?? "none"
        return Finding(
            noted == nil ? .warn : .ok, subject, "\(name), definition \(definition), content \(digest), \(size)",
            advice: noted == nil
                ? "There is no bin/images beside the configuration to compare it with; `make run` writes it." : "")
    }
}
