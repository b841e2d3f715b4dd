extension Policy {
    /// What a new installation starts with, to be read and edited by its operator.
    package static let standardText = """
        # Bulkhead's policy: what the assistant may do, for whom, and who is asked.
        #
        # For each tool call: the first entry of `deny` that matches refuses it. Else the first entry of `rules` that
        # matches decides. Else the conversation's mode does:
        #
        #   effect        auto       acceptEdits            readOnly    bypassPermissions
        #                 Standard   Ask before commands    Read only   Unattended
        #   read          allow      allow (commands *)     allow       allow
        #   write         allow      allow (commands *)     deny        allow
        #   destructive   ask        ask                    deny        allow
        #   external      ask        ask                    deny        allow
        #
        #   * a command is asked about, unless it provably only reads: plain words, known programs, known options.
        #
        # Over all of it stands the rule of two: a session that has seen both outside content and private data causes no
        # external effect without a person, in any mode; in Unattended it is denied, as is everything that would ask.
        #
        # Conditions (all that are given have to match; each is one value or a list):
        #   tool       name of the tool; * stands for any characters, ? for one
        #   effect     read, write, destructive, external
        #   mode       auto, acceptEdits, readOnly, bypassPermissions. An `allow` without a mode holds in auto and
        #              bypassPermissions only, so that a conversation somebody tightened stays tight
        #   role       owner, admin, member, guest
        #   channel    the channel's id (* and ? as above)
        #   place      direct (only the requester reads it), room
        #   requester  name or id of the person it is done for
        #   group      a group of people of this file, in place of or beside requester
        #   labels     untrusted, private: what the conversation's session has touched; all of them
        #   hours      such as 08:00-18:30, over midnight too; in the file's timeZone
        #   days       mon, tue, wed, thu, fri, sat, sun
        #   arguments  a list; each names a place in the call's arguments by JSON Pointer and what stands there:
        #                - {at: /path, inside: /workspace/user}        a path, or a list of them
        #                - {at: /url, domain: [example.com, "*.example.org"]}
        #                - {at: /to, glob: "*@example.com"}
        #                - {at: /title, pattern: "[A-Z]+-[0-9]{1,5}"}  the whole text; costs linear time
        #                - {at: /amount, from: 0, to: 100}
        #                - {at: /channel, equals: "#general", not: true}
        #              What cannot be told (another kind of value, `..` in a path, a URL two readers could read
        #              differently) never fits an `allow` and always fits an `ask` or a `deny`. Of a list, an `allow`
        #              wants every item to fit, an `ask` or `deny` one.
        #
        # Changes take effect at once after a reload (SIGHUP). A file with an error is refused; the last good one stays.
        version: 1

        # How long people have to answer, where a rule does not say. The conversation does not wait meanwhile.
        expires: 24h

        # Where the hours and days of rules are.
        timeZone: UTC

        # People by name or id; rules name groups.
        groups: {}
        #  finance: [anna, ben]

        # What counts as outside content, and labels the conversation's session `untrusted`: untrusted or trusted.
        sources:
          uploads: untrusted   # files people attach
          guests: untrusted    # what guests write

        # What becomes of an external effect of a session that has seen both outside content and private data: ask (the
        # person it is done for), or deny.
        ruleOfTwo: ask

        # When a conversation in a channel has the files of the person who asks: onRequest (the assistant opens them where it
        # needs them), or always. From then on it is private: answers go to that person alone, who can post them.
        personalFolder: onRequest

        # External effects of a session with outside content: asRules, or ask even where a rule allows them. Where the
        # person it is done for did not name the recipient, the address or the target, it is asked about in any case.
        untrusted: asRules

        # What the operator knows better than a tool says of itself: effect, runsCommands, labels (untrusted, private:
        # what a session has touched once it used the tool), deadline (how long one call may take). First match counts.
        tools: []
        #  - tool: web_*
        #    effect: read
        #    labels: untrusted

        # What the audit does not keep of a call's arguments; in its place stands a keyed digest, by which a value can still be
        # proved (bulkhead audit match). at: a JSON Pointer; pattern: texts that have it somewhere. What looks like a secret
        # (well-known tokens, members named password, token, secret …) is not kept anyhow.
        redact: []
        #  - tool: crm_*
        #    at: /customer/iban
        #  - pattern: 'PAT-[0-9]{8}'

        # The network. Nothing is reached that stands neither here nor in a grant (bulkhead egress allow); a session that has
        # seen private data reaches nothing at all. First use labels a session untrusted. See docs/egress.md.
        #   domain     a host, or *.example.com for all hosts below it, not itself; one or a list; never an IP address
        #   ports      default 80 and 443; in deny every port
        #   methods, paths   for plain HTTP; an entry with either opens no encrypted connections
        #   withoutSNI       true: TLS may hide or leave out the host's name, and other protocols than TLS pass
        #   role, channel, requester, group   as in rules. An allow without a role does not hold for guests
        # guests: none, or company: what everybody may reach guests may reach too.
        egress:
          guests: none
          allow: []
        #    - name: python packages
        #      domain: [packages.example.com, files.example.com]
        #      ports: 443
          deny: []
        #    - name: paste sites
        #      domain: ["*.pastebin.com", pastebin.com]
        #      reason: what is put there anybody can read

        # Hard denials: no rule, mode or person overrides them.
        deny:
          - name: guests change nothing outside
            role: guest
            effect: [destructive, external]
            reason: guests cannot do what others feel or what cannot be undone

        # First match wins. decision: allow, ask (approvers, expires) or deny.
        #
        # approvers is requester (also where it is left out), secondPerson, admins, or a list of names and groups:
        # [anna, group:finance] is one of these, who is not the one it is done for. self: true lets one who is named
        # confirm what is done for themselves. A deputy (bulkhead people deputy) answers in the place of a named person
        # or an admin, never what is done for the deputy; in the requester's place only with deputies: true.
        #
        # grants: how far a yes may reach: none (that call alone), conversation, or channel ("always here"). Default:
        # channel, and none where a second person is asked. Commands are granted word for word, for one conversation.
        # No grant holds against a denial, the rule of two or a pause, or once a conversation was made more careful.
        rules:
          - name: the assistant may answer
            tool: reply
            mode: [auto, acceptEdits, readOnly, bypassPermissions]
            decision: allow
          - name: files for the conversation they were asked for in
            tool: publish_file
            decision: allow
        """
}
