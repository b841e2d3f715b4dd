"""Reading back: history, threads, channels, people; page by page."""

from support import SimulatorTestCase


class PagedTestCase(SimulatorTestCase):
    def pages(self, response):
        """What the SDK finds on each page. It goes on in one and the same object."""
        return [dict(page.data) for page in response]


class HistoryTests(PagedTestCase):
    def test_history_is_paged_and_newest_first(self):
        channel = self.channel()
        said = [self.ada.says(channel, f"number {n}") for n in range(7)]
        self.ada.says(channel, "a reply", thread=said[0])
        pages = self.pages(self.client.conversations_history(channel=channel, limit=3))
        self.assertEqual([len(page["messages"]) for page in pages], [3, 3, 1])
        self.assertEqual([m["ts"] for page in pages for m in page["messages"]], said[::-1])
        self.assertEqual([page["has_more"] for page in pages], [True, True, False])
        self.assertNotIn("response_metadata", pages[-1])
        self.refused("invalid_cursor", self.client.conversations_history, channel=channel, cursor="bm90bWluZQ==")

    def test_the_ends_of_a_time_count_only_when_asked(self):
        channel = self.channel()
        said = [self.ada.says(channel, str(n)) for n in range(3)]

        def between(**more):
            found = self.client.conversations_history(channel=channel, oldest=said[0], latest=said[2], **more)
            return [m["ts"] for m in found["messages"]]

        self.assertEqual(between(), [said[1]])
        self.assertEqual(between(inclusive=True), said[::-1])
        self.refused("invalid_ts_oldest", self.client.conversations_history, channel=channel, oldest="yesterday")

    def test_a_thread_is_read_with_its_parent_from_any_message_of_it(self):
        channel = self.channel()
        root = self.ada.says(channel, "root")
        replies = [self.ben.says(channel, str(n), thread=root) for n in range(5)]
        found = self.client.conversations_replies(channel=channel, ts=replies[2])["messages"]
        self.assertEqual([m["ts"] for m in found], [root, *replies])
        self.assertEqual(found[1]["parent_user_id"], found[0]["user"])
        pages = self.pages(self.client.conversations_replies(channel=channel, ts=root, limit=3))
        self.assertEqual([m["ts"] for page in pages for m in page["messages"]], [root, *replies])
        since = self.client.conversations_replies(channel=channel, ts=root, oldest=replies[3])["messages"]
        self.assertEqual([m["ts"] for m in since], [root, replies[4]])
        self.refused("thread_not_found", self.client.conversations_replies, channel=channel, ts="1.000001")

    def test_a_broadcast_reply_stands_in_the_channel_too(self):
        channel = self.channel()
        root = self.ada.says(channel, "root")
        reply = self.ada.says(channel, "for all", thread=root, broadcast=True)
        found = self.client.conversations_history(channel=channel)["messages"]
        self.assertEqual([(m["ts"], m.get("subtype")) for m in found], [(reply, "thread_broadcast"), (root, None)])

    def test_only_members_read(self):
        public, private = self.channel(apps=()), self.sim.channel("history-private", apps=(), kind="private")
        self.refused("not_in_channel", self.client.conversations_history, channel=public)
        self.refused("channel_not_found", self.client.conversations_history, channel=private)
        self.refused("channel_not_found", self.client.conversations_info, channel=private)
        self.client.conversations_info(channel=public)

    def test_each_kind_of_channel_needs_its_own_scope(self):
        private = self.channel(kind="private")
        self.sim.change_app("helper", revoke=["groups:history"])
        self.addCleanup(self.sim.change_app, "helper", grant=["groups:history"])
        answer = self.refused("missing_scope", self.client.conversations_history, channel=private)
        self.assertEqual(answer["needed"], "groups:history")


class ConversationTests(PagedTestCase):
    def test_channels_are_listed_by_type_and_only_where_they_may_be_seen(self):
        shown, hidden = self.channel(), self.sim.channel("hidden", apps=(), kind="private")
        joined = self.sim.channel("joined-private", kind="private")
        pages = self.pages(self.client.conversations_list(types="public_channel,private_channel", limit=1))
        ids = [c["id"] for page in pages for c in page["channels"]]
        self.assertTrue({shown, joined} <= set(ids) and hidden not in ids)
        self.assertTrue(all(len(page["channels"]) == 1 for page in pages))
        self.refused("invalid_types", self.client.conversations_list, types="secret")
        mine = self.client.users_conversations(types="private_channel")["channels"]
        self.assertEqual([c["id"] for c in mine], [joined])

    def test_joining_and_leaving(self):
        channel = self.channel(apps=())
        mark = self.sim.mark()
        self.assertTrue(self.client.conversations_join(channel=channel)["channel"]["is_member"])
        again = self.client.conversations_join(channel=channel)
        self.assertEqual(again["response_metadata"]["warnings"], ["already_in_channel"])
        self.assertEqual(self.sim.wait("message", after=mark, channel=channel)["subtype"], "channel_join")
        members = self.client.conversations_members(channel=channel)["members"]
        self.assertEqual(len(members), 3)
        private = self.sim.channel("not-to-join", kind="private")
        self.refused("method_not_supported_for_channel_type", self.client.conversations_join, channel=private)

    def test_direct_conversations_are_opened_once(self):
        users = self.sim.world()["users"]
        first = self.client.conversations_open(users=[users["ben"]["id"]], return_im=True)
        self.assertTrue(first["channel"]["is_im"])
        second = self.client.conversations_open(users=users["ben"]["id"])
        self.assertTrue(second["already_open"])
        self.assertEqual(second["channel"]["id"], first["channel"]["id"])
        group = self.client.conversations_open(users=[users["ada"]["id"], users["ben"]["id"]])
        self.assertNotEqual(group["channel"]["id"], first["channel"]["id"])
        self.refused("user_not_found", self.client.conversations_open, users="U0NOBODY000")
        self.refused("users_list_not_supplied", self.client.conversations_open, users="")


class PeopleTests(PagedTestCase):
    world = {
        "teams": [{"name": "Partner"}],
        "users": [
            {"name": "ada", "is_admin": True}, {"name": "ben"}, {"name": "gil", "is_guest": True},
            {"name": "sol", "is_single_channel_guest": True}, {"name": "pat", "team": "Partner"},
            {"name": "gone", "deleted": True},
        ],
        "apps": [{"name": "helper"}],
        "channels": [{"name": "shared", "members": ["ada", "pat"], "apps": ["helper"]}],
    }  # fmt: skip

    def test_guests_and_strangers_can_be_told_apart(self):
        users = {u["name"]: u for u in self.client.users_list()["members"]}
        self.assertEqual((users["gil"]["is_restricted"], users["gil"]["is_ultra_restricted"]), (True, False))
        self.assertEqual((users["sol"]["is_restricted"], users["sol"]["is_ultra_restricted"]), (True, True))
        self.assertTrue(users["pat"]["is_stranger"])
        self.assertNotEqual(users["pat"]["team_id"], users["ada"]["team_id"])
        self.assertTrue(users["gone"]["deleted"])
        self.assertTrue(users["helper"]["is_bot"])
        pages = self.pages(self.client.users_list(limit=4))
        self.assertEqual([len(page["members"]) for page in pages], [4, 3])

    def test_addresses_are_for_those_with_the_scope(self):
        ada = self.sim.world()["users"]["ada"]["id"]
        self.assertEqual(self.client.users_lookupByEmail(email="ADA@acme.example")["user"]["id"], ada)
        self.refused("users_not_found", self.client.users_lookupByEmail, email="gone@acme.example")
        self.sim.change_app("helper", revoke=["users:read.email"])
        self.addCleanup(self.sim.change_app, "helper", grant=["users:read.email"])
        self.assertNotIn("email", self.client.users_info(user=ada)["user"]["profile"])
        self.refused("missing_scope", self.client.users_lookupByEmail, email="ada@acme.example")
        self.refused("user_not_found", self.client.users_info, user="U0NOBODY000")
        self.refused("user_not_found", self.client.users_info, user="")

    def test_a_shared_channel_says_so(self):
        channel = self.sim.world()["channels"]["shared"]["id"]
        self.assertTrue(self.client.conversations_info(channel=channel)["channel"]["is_ext_shared"])

    def test_reactions_are_counted_once_for_each_person(self):
        channel = self.sim.world()["channels"]["shared"]["id"]
        ts = self.ada.says(channel, "react to me")
        target = {"channel": channel, "timestamp": ts}
        self.client.reactions_add(name="eyes", **target)
        self.refused("already_reacted", self.client.reactions_add, name="eyes", **target)
        self.ada.does("react", channel=channel, ts=ts, name="eyes")
        shown = self.client.reactions_get(**target)["message"]["reactions"][0]
        self.assertEqual((shown["name"], shown["count"]), ("eyes", 2))
        self.client.reactions_remove(name="eyes", **target)
        self.refused("no_reaction", self.client.reactions_remove, name="eyes", **target)
        self.refused("invalid_name", self.client.reactions_add, name="No Such", **target)
        self.refused("message_not_found", self.client.reactions_add, name="eyes", channel=channel, timestamp="1.000001")
        self.refused("bad_timestamp", self.client.reactions_add, name="eyes", channel=channel, timestamp="now")
