internal import FoundationEssentials
internal import Schedules

/// Values of the module Schedules as they are stored: JSON, members in order.
protocol StoredJSON: Codable {}

extension Schedule: StoredJSON {}
extension Backoff: StoredJSON {}

extension StoredJSON {
    /// - Throws: `ScheduleError` where the text is no such value.
    init(json text: String) throws {
        do {
            self = try JSONDecoder().decode(Self.self, from: Data(text.utf8))
        } catch let error as ScheduleError {
            throw error
        } catch let error as DecodingError {
            throw ScheduleError(error.sentence)
        }
    }

    var json: String {
        get throws {
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
            return String(decoding: try encoder.encode(self), as: UTF8.self)
        }
    }
}

extension DecodingError {
    fileprivate var sentence: String {
        switch self {
        case .keyNotFound(let key, _): "\(key.stringValue) is missing"
        case .typeMismatch(_, let context), .valueNotFound(_, let context):
            "\(context.codingPath.last?.stringValue ?? "it") is of the wrong kind"
        case .dataCorrupted(let context): context.debugDescription
        @unknown default: "it cannot be read"
        }
    }
}
