/// Everything that is wrong with a configuration file, at once: nobody should have to mend it a line a start.
package struct SettingsError: Error, Equatable, CustomStringConvertible {
    package struct Problem: Sendable, Equatable {
        /// From 1; `nil` where the file as a whole is meant.
        package let line: Int?
        /// What is wrong and what is allowed.
        package let message: String
    }

    package let file: String
    package let problems: [Problem]

    init(file: String, problems: [Problem]) {
        self.file = file
        self.problems = problems.sorted { ($0.line ?? 0, $0.message) < ($1.line ?? 0, $1.message) }
    }

    /// A line for each problem: `FILE:LINE: what is wrong; what is allowed`.
    package var description: String {
        problems.map { problem in
            let place = problem.line.map { "\(file):\($0)" } ?? file
            return "\(place): \(problem.message)"
        }.joined(separator: "\n")
    }
}

/// Why one value cannot be taken.
struct InvalidValue: Error {
    let reason: String
}
