/// Slack: who is let in from there, and what is for the assistant.
package struct SlackSettings: Sendable, Equatable {
    package enum People: String, Sendable, CaseIterable {
        /// Full members of the workspace, each as a person of their own.
        case members
        /// Those alone who linked the account, or whose address the settings know.
        case linked
    }

    package enum FollowUps: String, Sendable, CaseIterable {
        case always, alone, never
    }

    /// Who comes in that an admin has said nothing about: a channel the app is invited into, a member of the workspace.
    package enum Admission: String, Sendable, CaseIterable {
        case open
        /// Only what an admin allowed.
        case allowlist
        /// The same, and admins are asked.
        case ask
    }

    /// What stands under an answer.
    package enum Footer: String, Sendable, CaseIterable {
        case full, short, none
    }

    /// A name and a picture to speak under.
    package struct Face: Sendable, Equatable {
        package internal(set) var name = ""
        /// `:owl:`, or an address; empty: the app's own.
        package internal(set) var icon = ""
        package internal(set) var isPersona = false
    }

    /// What differs in a channel.
    package struct Channel: Sendable, Equatable {
        /// `nil`: as everywhere.
        package internal(set) var followUps: FollowUps?
        package internal(set) var keywords: [String] = []
        /// A key of ``SlackSettings/faces``.
        package internal(set) var face: String?
    }

    /// Empty: there is no Slack here.
    package internal(set) var botTokenFile = ""
    package internal(set) var appTokenFile = ""
    package internal(set) var apiURL = "https://slack.com/api/"
    /// Where it listens for requests of Slack's; empty: it connects to Slack instead.
    package internal(set) var eventsListen = ""
    package internal(set) var signingSecretFile = ""
    package internal(set) var people = People.members
    package internal(set) var joining = Admission.open
    package internal(set) var admission = Admission.open
    /// Whom programs speak for: operating-system user names by Slack's ids of their accounts.
    package internal(set) var bots: [String: String] = [:]
    package internal(set) var botTurns = 3
    package internal(set) var names: [String] = []
    package internal(set) var followUps = FollowUps.alone
    /// By name, without `#`, or by Slack's id.
    package internal(set) var channels: [String: Channel] = [:]
    package internal(set) var faces: [String: Face] = [:]
    package internal(set) var footer = Footer.full
    package internal(set) var catchUp = Duration.seconds(15 * 60)

    /// Channels whose face is none that there is, with that.
    var faceless: [(channel: String, face: String)] {
        channels.sorted { $0.key < $1.key }.compactMap { name, channel in
            guard let face = channel.face, faces[face] == nil else { return nil }
            return (name, face)
        }
    }
}
