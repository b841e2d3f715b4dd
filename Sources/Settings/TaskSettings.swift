/// What people may schedule, and how much of it runs at a time.
package struct TaskSettings: Sendable, Equatable {
    package internal(set) var perPerson = 100
    package internal(set) var runs = 4
    package internal(set) var runsPerPerson = 2
    package internal(set) var failures = 3
}

extension Settings {
    static let taskKeys: [SettingKey] = [
        SettingKey(
            "tasks.per_person", \.tasks.perPerson, .integer(0...10_000), reloadable: true,
            "Tasks one person may have that are not over; 0: nobody schedules anything."),
        SettingKey(
            "tasks.runs", \.tasks.runs, .integer(1...500), reloadable: true,
            "Runs of tasks at a time; those beyond it wait. Three quarters of `containers.maximum` at most, so that people"
                + " always find a place."),
        SettingKey(
            "tasks.runs_per_person", \.tasks.runsPerPerson, .integer(1...500), reloadable: true,
            "Runs at a time of one person's tasks."),
        SettingKey(
            "tasks.failures", \.tasks.failures, .integer(1...100), reloadable: true,
            "After how many failures in a row a task is paused, and its owner told."),
    ]
}
