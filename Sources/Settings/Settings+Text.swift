extension Settings {
    /// The value of the setting called `name`, as it could stand in the file; `nil` where there is no such setting.
    package func text(of name: String) -> String? {
        Settings.keys.first { $0.name == name }?.text(self)
    }

    /// All names, in the order of the reference.
    package static var names: [String] { keys.map(\.name) }
}
