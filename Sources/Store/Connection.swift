import GRDB
import Model

/// SQLite as GRDB hands it out; `Database` is this module's own.
typealias Connection = GRDB.Database

extension Connection {
    /// Runs a statement that returns nothing, prepared once per connection.
    func run(_ sql: String, _ arguments: StatementArguments = StatementArguments()) throws {
        try cachedStatement(sql: sql).execute(arguments: arguments)
    }

    func row(_ sql: String, _ arguments: StatementArguments = StatementArguments()) throws -> Row? {
        try Row.fetchOne(cachedStatement(sql: sql), arguments: arguments)
    }

    func rows(_ sql: String, _ arguments: StatementArguments = StatementArguments()) throws -> [Row] {
        try Row.fetchAll(cachedStatement(sql: sql), arguments: arguments)
    }

    func exists(_ sql: String, _ arguments: StatementArguments = StatementArguments()) throws -> Bool {
        try row(sql, arguments) != nil
    }
}

extension Row {
    func id<Kind>(_ column: String) -> Identifier<Kind> {
        Identifier(trusted: self[column])
    }

    func optionalID<Kind>(_ column: String) -> Identifier<Kind>? {
        (self[column] as String?).map { Identifier(trusted: $0) }
    }

    func time(_ column: String) -> Timestamp {
        Timestamp(milliseconds: self[column])
    }

    func optionalTime(_ column: String) -> Timestamp? {
        (self[column] as Int64?).map { Timestamp(milliseconds: $0) }
    }

    /// Throws where the column holds a word this version does not know.
    func word<Value: RawRepresentable<String>>(_ column: String, as type: Value.Type = Value.self) throws -> Value {
        let text: String = self[column]
        guard let value = Value(rawValue: text) else {
            throw StoreError(.broken, "The database holds an unknown \(column): \(text.prefix(40)).")
        }
        return value
    }
}

extension String {
    /// SQLite's C strings end at U+0000, so that the rest of a text would be lost without a word: it becomes U+FFFD.
    package var storable: String {
        guard utf8.contains(0) else { return self }
        return String(String.UnicodeScalarView(unicodeScalars.map { $0.value == 0 ? "\u{FFFD}" : $0 }))
    }

    /// At most `bytes` bytes of UTF-8, cut between characters.
    package func cut(to bytes: Int, ending mark: String = "…") -> String {
        guard utf8.count > bytes else { return self }
        var index = utf8.index(startIndex, offsetBy: max(0, bytes - mark.utf8.count))
        while index > startIndex, index.samePosition(in: unicodeScalars) == nil { index = utf8.index(before: index) }
        return String(self[..<index]) + mark
    }
}
