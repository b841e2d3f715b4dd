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
        #   read          allow      allow (commands ask)   allow       allow
        #   write         allow      allow (commands ask)   deny        allow
        #   destructive   ask        ask                    deny        allow
        #   external      ask        ask                    deny        allow
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
        #   requester  name or id of the person it is done for
        #
        # Changes take effect at once after a reload (SIGHUP). A file with an error is refused; the last good one stays.
        version: 1

        # How long people have to answer, where a rule does not say.
        expires: 10m

        # What the operator knows better than a tool says of itself: effect, runsCommands, labels (untrusted, private:
        # what a session has touched once it used the tool), deadline (how long one call may take). First match counts.
        tools: []
        #  - tool: web_*
        #    effect: read
        #    labels: untrusted

        # Hard denials: no rule, mode or person overrides them.
        deny:
          - name: guests change nothing outside
            role: guest
            effect: [destructive, external]
            reason: guests cannot do what others feel or what cannot be undone

        # First match wins. decision: allow, ask (approvers: requester, secondPerson or admins; expires) or deny.
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
