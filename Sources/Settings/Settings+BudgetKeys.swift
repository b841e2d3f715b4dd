internal import Budgets
internal import Schedules

extension Settings {
    static let budgetKeys: [SettingKey] = [
        SettingKey(
            "budgets.company", \.budgets.company, .limits(of: .company), reloadable: true,
            "What all of the company may spend on models ([budgets](budgets.md)). At `soft` people are told, at `throttle`"
                + " turns run one tier lower, and beyond `hard` nothing is spent: what people write waits."),
        SettingKey(
            "budgets.channel", \.budgets.channel, .limits(of: .channel), reloadable: true,
            "What is spent in one channel, each by itself."),
        SettingKey(
            "budgets.person", \.budgets.person, .limits(of: .person), reloadable: true,
            "What is spent for one person, each by themselves."),
        SettingKey(
            "budgets.task", \.budgets.task, .limits(of: .task), reloadable: true,
            "What is spent for one scheduled task; `run` is for each of its runs."),
        SettingKey(
            "budgets.session", \.budgets.session, .limits(of: .session), reloadable: true,
            "What is spent in one session; `run` is the whole of it."),
        SettingKey(
            "budgets.alerts", \.budgets.alerts, .boolean, reloadable: true,
            "Whether admins are told, once a day each, of costs that are out of the ordinary: spend twice its mean, a tier used"
                + " far more than usual, a cache that is not read any more, a dear run of a task, a runaway conversation."
        ),
        SettingKey(
            "budgets.throttle_spares_requests", \.budgets.throttleSparesRequests, .boolean, reloadable: true,
            "Whether a `throttle` leaves those alone who asked for a tier by name and may."),
        SettingKey(
            "budgets.time_zone", \.budgets.timeZone,
            .text("time zone", allowed: "a time zone of this system: UTC, Europe/Berlin") { (try? Zone($0)) != nil },
            reloadable: true,
            "Whose midnight a day's, a week's (Monday) and a month's budget begin at."),
    ]
}
