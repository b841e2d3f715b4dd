internal import Model

/// What differs between the host and the baseline, a line each.
package enum Comparison {
    package static func drift(from baseline: Baseline, to now: HostFacts) -> [Drift] {
        let since = "the baseline of \(baseline.accepted.rfc3339) by \(baseline.by)"
        var found: [Drift] = []
        for area in HostFacts.Area.allCases where area != .policy {
            let before = baseline.facts[area]
            let present = now[area]
            for name in Set(before.keys).union(present.keys).sorted() where before[name] != present[name] {
                if let drift = drift(area, name, before[name], present[name], since) { found.append(drift) }
            }
        }
        return found + policy(baseline.facts[.policy], now[.policy], since)
    }

    private static func drift(
        _ area: HostFacts.Area, _ name: String, _ before: String?, _ now: String?, _ since: String
    ) -> Drift? {
        let changed = FileFact(name)?.changed
        switch area {
        case .file:
            // A socket is there while its process is.
            if now == "missing" || now == nil, before?.hasSuffix(" socket") == true { return nil }
            if before == "missing", now?.hasSuffix(" socket") == true { return nil }
            return Drift(
                .fail, name, "is not as accepted", expected: before ?? "not looked at", found: now ?? "not looked at",
                since: changed, advice: "Set mode and owner back (`chmod`, `chown`), or accept it.")
        case .content:
            guard before != nil || now != nil else { return nil }
            return Drift(
                .fail, name, "has another content than accepted", expected: short(before), found: short(now),
                since: changed,
                advice: "Find out who changed it. After an upgrade or an edit of your own, accept it.")
        case .process:
            // What does not run cannot be asked.
            guard let before, let now else { return nil }
            return Drift(
                .fail, name, "is not what was accepted", expected: before, found: now,
                advice: "Start it as it was, or accept it.")
        case .engine:
            return Drift(
                .fail, "Docker Engine", "\(name) is not as accepted", expected: before ?? "nothing",
                found: now ?? "nothing", advice: "Set it back, or accept it.")
        case .image:
            return Drift(
                .fail, "image \(name)", "is another image", expected: short(before), found: short(now),
                advice: "Find out who built it. After `make run` built it anew, accept it.")
        case .owners:
            return Drift(
                .fail, name, "has other numbers", expected: before ?? "none", found: now ?? "none",
                advice: "Set the broker's configuration back, or accept it.")
        case .setting:
            // A setting that an upgrade brought, at its default, or took away.
            guard let before, let now else { return nil }
            return Drift(
                .fail, name, "is set otherwise", expected: before, found: now, advice: "Set it back, or accept it.")
        case .egress:
            guard let now else { return nil }
            return Drift(
                .fail, "egress \(name)", before == nil ? "was granted" : "was granted otherwise",
                expected: before ?? "none",
                found: now, advice: "`bulkhead egress deny`, or accept it.")
        case .secret:
            guard let now else { return nil }
            return Drift(
                .fail, "secret \(name)", before == nil ? "came" : "may be used otherwise", expected: before ?? "none",
                found: now, advice: "`bulkhead secret revoke` or `rm`, or accept it.")
        case .policy: return nil
        }
    }

    private static func policy(_ before: [String: String], _ now: [String: String], _ since: String) -> [Drift] {
        guard !now.isEmpty else { return [] }
        let (looser, stricter, new) = PolicyMatrix.compare(before, now)
        var found = looser.map { question, fact in
            Drift(
                .fail, "policy: \(question)", "got looser", expected: "as in \(since)", found: fact,
                advice: "`bulkhead policy explain` says by which rule. Take it back, or accept it.")
        }
        if stricter > 0 { found.append(Drift(.ok, "policy", "\(stricter) answers got stricter since \(since)")) }
        if new > 0 {
            found.append(
                Drift(
                    .fail, "policy", "\(new) questions are asked that the baseline has no answers to",
                    advice: "They came with an upgrade: look at the policy, and accept."))
        }
        return found
    }

    private static func short(_ digest: String?) -> String {
        guard let digest else { return "nothing" }
        return digest.hasPrefix("sha256:") ? String(digest.prefix(19)) : String(digest.prefix(12))
    }
}
