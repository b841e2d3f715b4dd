/// The HTML of the pages. None holds anything about anybody: a page is the same for everyone, and its script asks who is
/// there. So a link from outside opens although a `SameSite=Strict` cookie does not come with it.
enum Pages {
    static let chat = frame(
        page: "chat", title: "Bulkhead", script: "chat.js",
        sidebar: """
            <a class="new" id="new" href="/">New conversation</a>
            <div class="side-scroll"><nav id="channels" aria-label="Channels and conversations"></nav>
            <details class="add-channel"><summary>Add a channel</summary>
            <form id="new-channel"><input type="text" name="name" maxlength="80" required aria-label="Name of the channel" placeholder="Name" autocomplete="off"><button>Add</button></form>
            </details></div>
            """,
        header: """
            <button type="button" id="members" aria-haspopup="dialog" hidden></button>
            <div class="mode-holder"><button type="button" id="mode" aria-haspopup="menu" aria-expanded="false" aria-controls="mode-menu" hidden></button>
            <div id="mode-menu" role="menu" aria-label="Mode of this conversation" hidden></div></div>
            """,
        content: """
            <div id="scroller" tabindex="-1"><div id="transcript" role="log" aria-live="off" aria-label="Conversation"></div></div>
            <div class="dock"><button type="button" id="latest" hidden></button>
            <div id="approvals" role="region" aria-label="Approvals"></div>
            <form id="composer" aria-label="Write a message"><p id="composer-notice" role="alert" hidden></p>
            <div class="box"><ul id="files" aria-label="Attached files"></ul>
            <div class="row"><button type="button" class="quiet" id="attach" aria-label="Attach files" title="Attach files"></button>
            <input type="file" id="picker" multiple hidden>
            <textarea id="text" rows="1" dir="auto" aria-label="Message" placeholder="Write a message" autocomplete="off"></textarea>
            <button type="button" id="stop" aria-label="Stop" title="Stop (Esc)" hidden></button>
            <button class="primary" id="send" aria-label="Send" title="Send (Enter)"></button></div></div>
            <p class="hint"><span>Enter sends, Shift and Enter starts a new line, Esc stops</span></p></form></div>
            <div class="drop-hint" aria-hidden="true">Drop files to attach them</div>
            """)

    static let audit = frame(
        page: "audit", title: "Audit", script: "audit.js", sidebar: "<div class=\"side-scroll\"></div>", header: "",
        content: """
            <div class="sheet"><p class="lead">Everything the assistant asked to do, what was decided and by which rule, and what came of it. Rows are chained: changing or deleting one is noticed.</p>
            <form class="bar" id="filters"><label>Asked by <input type="search" name="person" autocomplete="off"></label>
            <label>Tool <input type="search" name="tool" autocomplete="off"></label>
            <label>Session <input type="search" name="session" autocomplete="off"></label>
            <button class="primary">Show</button><span class="space"></span>
            <button type="button" id="verify">Verify the history</button></form>
            <div class="verification" id="verification" role="status" hidden></div>
            <table class="trail"><thead><tr><th scope="col">No.</th><th scope="col">Time</th><th scope="col">Asked by</th><th scope="col">What</th><th scope="col">Arguments or outcome</th><th scope="col">Decision</th><th scope="col">Rule</th><th scope="col" class="amount">Took</th></tr></thead><tbody id="rows"></tbody></table>
            <div class="more"><button type="button" id="older" hidden>Show older</button></div></div>
            """)

    static let sessions = frame(
        page: "sessions", title: "Sessions", script: "sessions.js", sidebar: "<div class=\"side-scroll\"></div>",
        header: "<button type=\"button\" id=\"refresh\">Refresh</button>",
        content: """
            <div class="sheet"><p class="lead">A session is one run of the assistant for one person in one conversation, in containers of its own.</p>
            <table class="trail"><thead><tr><th scope="col">Asked by</th><th scope="col">State</th><th scope="col">Labels</th><th scope="col">Started</th><th scope="col" class="amount">Ran for</th><th scope="col">Ended because</th><th scope="col">More</th></tr></thead><tbody id="rows"></tbody></table></div>
            """)

    static let grants = frame(
        page: "grants", title: "Grants", script: "grants.js", sidebar: "<div class=\"side-scroll\"></div>",
        header: "<label class=\"switch\"><input type=\"checkbox\" id=\"ended\"> Show ended</label>",
        content: """
            <div class="sheet"><p class="lead">What was allowed beyond one call. A grant works for one person, one tool and one place; it ends by itself, when the tool changes, and when whoever gave it may not any more.</p>
            <table class="trail"><thead><tr><th scope="col">For</th><th scope="col">Tool</th><th scope="col">With</th><th scope="col">Where</th><th scope="col">Given by</th><th scope="col">Until</th><th scope="col">State</th><th scope="col"><span class="unseen">Revoke</span></th></tr></thead><tbody id="rows"></tbody></table>
            <section id="network" hidden><h2>The network</h2><p class="lead">Which hosts sandboxes reach, and for whom. Everything else is refused.</p>
            <table class="trail"><thead><tr><th scope="col">Addresses</th><th scope="col">For</th><th scope="col">Given by</th><th scope="col">Reason</th><th scope="col">Until</th><th scope="col">State</th><th scope="col"><span class="unseen">Revoke</span></th></tr></thead><tbody id="addresses"></tbody></table></section></div>
            """)

    static let pauses = frame(
        page: "pauses", title: "Pause", script: "pauses.js", sidebar: "<div class=\"side-scroll\"></div>", header: "",
        content: """
            <div class="sheet"><p class="lead">What is paused stops at once and stays so, restarts included, until somebody resumes it. What people write meanwhile is kept and answered afterwards.</p>
            <form class="bar" id="brake"><label>Pause <select name="scope"><option value="all">everything</option><option value="person">what is done for a person</option><option value="channel">a channel</option><option value="tool">a tool</option></select></label>
            <label id="which" hidden>Name <input type="text" name="name" autocomplete="off" maxlength="80"></label>
            <label class="wide">Reason <input type="text" name="reason" autocomplete="off" maxlength="400" placeholder="People see it"></label>
            <button class="danger">Pause</button></form><p class="trouble" id="trouble" role="alert" hidden></p>
            <table class="trail"><thead><tr><th scope="col">Paused</th><th scope="col">Since</th><th scope="col">By</th><th scope="col">Reason</th><th scope="col"><span class="unseen">Resume</span></th></tr></thead><tbody id="rows"></tbody></table></div>
            """)

    static let tasks = frame(
        page: "tasks", title: "Tasks", script: "tasks.js", sidebar: "<div class=\"side-scroll\"></div>",
        header:
            "<label class=\"switch\" id=\"everybody\" hidden><input type=\"checkbox\" id=\"all\"> Everybody's</label><label class=\"switch\"><input type=\"checkbox\" id=\"ended\"> Show ended</label>",
        content: """
            <div class="sheet"><p class="lead">Work that begins by itself: at times, or when something happens. Ask the assistant for it in a conversation, or make one here.</p>
            <table class="trail"><thead><tr><th scope="col">Task</th><th scope="col">Runs</th><th scope="col">Next</th><th scope="col">Reports to</th><th scope="col">State</th><th scope="col"><span class="unseen">Actions</span></th></tr></thead><tbody id="rows"></tbody></table>
            <section aria-labelledby="calendar-title"><h2 id="calendar-title">The next seven days</h2><div id="calendar"></div></section>
            <details id="make"><summary>Make a task</summary>
            <form class="bar" id="new"><label>Name <input type="text" name="name" maxlength="80" required autocomplete="off"></label>
            <label>Cron <input type="text" name="expression" required autocomplete="off" placeholder="0 9 * * 1-5" spellcheck="false"></label>
            <label>Time zone <input type="text" name="zone" required autocomplete="off" spellcheck="false"></label>
            <label class="wide">What it is to do <textarea name="prompt" rows="3" required dir="auto"></textarea></label>
            <button type="button" id="try">Show the next times</button><button class="primary">Make it</button></form>
            <p id="preview" role="status" hidden></p><p class="trouble" id="trouble" role="alert" hidden></p></details>
            <section id="history" hidden aria-labelledby="history-title"><h2 id="history-title"></h2><p class="lead" id="told" dir="auto"></p>
            <table class="trail"><thead><tr><th scope="col">Due</th><th scope="col">Why</th><th scope="col">State</th><th scope="col">Reason</th><th scope="col" class="amount">Took</th><th scope="col" class="amount">Cost</th><th scope="col"><span class="unseen">Conversation</span></th></tr></thead><tbody id="runs"></tbody></table></section></div>
            """)

    /// `admin`: who made the link, where that is somebody else.
    static func signIn(as name: String, by admin: String?, token: Secret) -> String {
        let warning =
            admin.map { admin in
                "<p><bdi>\(escape(admin))</bdi> made this link. What is done with it is recorded as done by "
                    + "<bdi>\(escape(admin))</bdi> for <bdi>\(escape(name))</bdi>, and approvals cannot be answered.</p>"
            } ?? ""
        return plain(
            title: "Sign in",
            """
            <h1>Sign in to Bulkhead</h1>
            <p>You will be signed in on this browser as <strong><bdi>\(escape(name))</bdi></strong>. If that is not you, close this page.</p>\(warning)
            <form method="post" action="/login"><input type="hidden" name="token" value="\(escape(token.text))"><button class="primary">Sign in as <bdi>\(escape(name))</bdi></button></form>
            """)
    }

    static let linkUsedUp = message(
        title: "This link no longer works",
        "A sign-in link works once, and for 15 minutes. The command bulkhead login-link makes a new one, or an admin "
            + "makes one for you.")

    static let signedOut = message(
        title: "Sign in to Bulkhead",
        "Open the sign-in link that you were given. The command bulkhead login-link makes one, or an admin makes one "
            + "for you.")

    static func message(title: String, _ text: String) -> String {
        plain(
            title: title,
            "<h1>\(escape(title))</h1><p>\(escape(text))</p><p class=\"small\"><a href=\"/\">To the chat</a></p>")
    }

    static func escape(_ text: String) -> String {
        var escaped = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "&": escaped += "&amp;"
            case "<": escaped += "&lt;"
            case ">": escaped += "&gt;"
            case "\"": escaped += "&quot;"
            case "'": escaped += "&#39;"
            case _ where scalar.isHidden: escaped += "\u{FFFD}"
            default: escaped.unicodeScalars.append(scalar)
            }
        }
        return escaped
    }

    private static func plain(title: String, _ content: String) -> String {
        """
        <!doctype html><html lang="en"><head>\(head(title: title))</head><body class="plain-page"><main class="card">\
        <img src="\(Assets.path(of: "icon.svg"))" alt="" width="44" height="44">\(content)</main></body></html>
        """
    }

    private static func head(title: String) -> String {
        """
        <meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1, \
        interactive-widget=resizes-content"><meta name="color-scheme" content="light dark"><title>\(title)</title>\
        <link rel="icon" href="\(Assets.path(of: "icon.svg"))" type="image/svg+xml">\
        <link rel="stylesheet" href="\(Assets.path(of: "app.css"))">
        """
    }

    private static func frame(
        page: String, title: String, script: String, sidebar: String, header: String, content: String
    ) -> String {
        """
        <!doctype html><html lang="en" data-page="\(page)"><head>\(head(title: title))
        <script type="module" src="\(Assets.path(of: script))"></script></head><body>
        <a class="skip" href="#content">Skip to the content</a>
        <div class="frame"><aside id="sidebar" aria-label="Navigation">
        <a class="brand" href="/"><img src="\(Assets.path(of: "icon.svg"))" alt="" width="26" height="26">Bulkhead</a>
        \(sidebar)
        <div id="person"></div></aside><div id="backdrop"></div>
        <main id="content"><header class="top"><button type="button" class="square" id="open-sidebar" aria-label="Open the sidebar" aria-expanded="false" aria-controls="sidebar"></button>
        <h1 id="title">\(page == "chat" ? "" : title)</h1>\(header)</header>
        <div id="notice" role="status" hidden></div>
        <noscript><p class="entry notice">These pages need JavaScript. The terminal chat does not: bulkhead chat</p></noscript>
        \(content)</main></div>
        <div class="unseen" id="announcer" aria-live="polite"></div></body></html>
        """
    }
}
