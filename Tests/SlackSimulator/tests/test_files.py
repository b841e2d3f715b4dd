"""Files both ways."""

import urllib.request

from support import SimulatorTestCase


class FileTests(SimulatorTestCase):
    def fetch(self, url, token=None):
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        with urllib.request.urlopen(urllib.request.Request(url, headers=headers)) as response:
            return response.headers.get_content_type(), response.read()

    def test_an_upload_takes_three_steps_and_ends_in_the_thread(self):
        channel = self.channel()
        root = self.ada.says(channel, "the report, please")
        content = bytes(range(256)) * 40
        answer = self.client.files_upload_v2(
            channel=channel, thread_ts=root, content=content, filename="report.bin", title="Report",
            initial_comment="Here",
        )  # fmt: skip
        message = self.sim.wait("message", channel=channel, by="app", thread_ts=root)
        self.assertEqual((message["text"], message["files"][0]["size"]), ("Here", len(content)))
        self.assertEqual(self.sim.file(answer["file"]["id"]), content)
        file = self.client.files_info(file=answer["file"]["id"])["file"]
        self.assertEqual((file["title"], file["channels"]), ("Report", [channel]))
        share = file["shares"]["public"][channel][0]
        self.assertEqual((share["ts"], share["thread_ts"]), (message["ts"], root))

    def test_what_is_uploaded_is_what_was_announced_and_is_taken_once(self):
        channel = self.channel()
        begun = self.client.files_getUploadURLExternal(filename="a.txt", length=5)
        with self.assertRaises(urllib.error.HTTPError):
            urllib.request.urlopen(urllib.request.Request(begun["upload_url"], b"four", method="POST"))
        finish = {"files": [{"id": begun["file_id"]}], "channel_id": channel}
        self.refused("file_not_found", self.client.files_completeUploadExternal, **finish)
        with urllib.request.urlopen(urllib.request.Request(begun["upload_url"], b"fives", method="POST")) as response:
            self.assertEqual(response.read(), b"OK - 5")
        self.client.files_completeUploadExternal(**finish)
        self.refused("file_not_found", self.client.files_completeUploadExternal, **finish)

    def test_a_download_needs_a_token_that_may_see_the_file(self):
        channel = self.channel()
        mark = self.sim.mark()
        file_id = self.ada.does("upload", channel=channel, name="plan.txt", content="the plan")["file"]
        url = self.client.files_info(file=file_id)["file"]["url_private"]
        self.assertEqual(self.fetch(url, self.app["bot_token"]), ("text/plain", b"the plan"))
        for token in (None, "xoxb-wrong", self.app["app_token"]):
            kind, page = self.fetch(url, token)
            self.assertEqual(kind, "text/html", "Slack shows its sign-in page, with 200")
            self.assertNotIn(b"the plan", page)
        self.assertEqual(self.sim.wait("message", after=mark, channel=channel)["subtype"], "file_share")
        closed = self.sim.channel("files-closed", apps=(), kind="private")
        hidden = self.ada.does("upload", channel=closed, name="secret.txt", content="secret")["file"]
        self.refused("file_not_found", self.client.files_info, file=hidden)
        self.assertNotIn(b"secret", self.fetch(url.replace(file_id, hidden), self.app["bot_token"])[1])

    def test_files_of_another_company_come_without_their_details(self):
        self.sim.world({"teams": [{"name": "Files Inc"}], "users": [{"name": "pat", "team": "Files Inc"}]})
        channel = self.channel(members=("ada", "pat"))
        mark = self.sim.mark()
        file_id = self.sim.person("pat").does("upload", channel=channel, name="x.txt", content="x")["file"]
        event = self.sim.wait("unsent", after=mark, payload__event__subtype="file_share")["payload"]
        self.assertTrue(event["is_ext_shared_channel"])
        self.assertEqual(event["event"]["files"][0]["file_access"], "check_file_info")
        self.assertEqual(self.client.files_info(file=file_id)["file"]["name"], "x.txt")

    def test_deleted_files_are_gone(self):
        channel = self.channel()
        file_id = self.client.files_upload_v2(channel=channel, content="x", filename="x.txt")["file"]["id"]
        theirs = self.ada.does("upload", channel=channel, content="x")["file"]
        self.refused("cant_delete_file", self.client.files_delete, file=theirs)
        self.client.files_delete(file=file_id)
        self.refused("file_deleted", self.client.files_info, file=file_id)
