import Model
import Synchronization

/// Who may not come in at the moment: what the settings decide in production.
final class Admissions: Sendable {
    private let removed = Mutex<Set<PersonID>>([])

    func remove(_ person: PersonID) { removed.withLock { _ = $0.insert(person) } }
    func restore(_ person: PersonID) { removed.withLock { _ = $0.remove(person) } }
    func has(_ person: PersonID) -> Bool { removed.withLock { !$0.contains(person) } }
}
