"""The bytes of files: upload addresses, and downloads that ask for a token."""

import asyncio

from aiohttp import web

SIGN_IN = (
    "<!DOCTYPE html><html><head><title>Sign in | Slack</title></head><body>Sign in to your workspace</body></html>"
)


class FileStore:
    def __init__(self, simulator):
        self.sim, self.world = simulator, simulator.world
        self.uploads = {}  # path -> [app, file, announced length, is there]

    def begin(self, app, file, length):
        path = f"/upload/v1/{self.world.ids.hex(120)}"
        self.uploads[path] = [app, file, length, False]
        return self.sim.base_url + path

    def take(self, app, file_id):
        """The file of a finished upload of this app, once."""
        for path, (owner, file, _, is_there) in list(self.uploads.items()):
            if file.id == file_id and owner is app and is_there:
                del self.uploads[path]
                self.world.files[file.id] = file
                self.sim.journal.note("file", file_id=file.id, name=file.name, size=len(file.content), app=app.id)
                return file
        return None

    async def upload(self, request):
        entry = self.uploads.get(request.path)
        if entry is None:
            return web.Response(status=404, text="no such upload")
        broken = await self._broken("files.upload", request)
        if broken is not None:
            return broken
        if request.content_type == "multipart/form-data":
            parts = [p for p in (await request.post()).values() if not isinstance(p, str)]
            content = parts[0].file.read() if parts else b""
        else:
            content = await request.read()
        if len(content) != entry[2]:
            return web.Response(status=400, text=f"expected {entry[2]} bytes, got {len(content)}")
        entry[1].content, entry[3] = content, True
        return web.Response(text=f"OK - {len(content)}")

    def may_see(self, file, user):
        places = [self.world.channels[c] for c, ts in file.shares if ts in self.world.channels[c].messages]
        return file.user == user.id or any(user.id in place.members for place in places)

    async def download(self, request):
        """Without a token that may, Slack shows its sign-in page: 200 after a redirect, not an error."""
        broken = await self._broken("files.download", request)
        if broken is not None:
            return broken
        authorization = request.headers.get("Authorization", "")
        caller = self.sim.web_api._owner(authorization[7:]) if authorization.startswith("Bearer ") else None
        file = self.world.files.get(request.match_info["place"].rpartition("-")[2])
        is_allowed = caller and caller.user_id and not caller.app.token_state and "files:read" in caller.scopes
        if not is_allowed or (file and not self.may_see(file, self.world.users[caller.user_id])):
            raise web.HTTPFound(f"/_slack/signin?redir={request.path}")
        if file is None or file.deleted:
            return web.Response(status=404, text="file_not_found")
        self.sim.journal.note("downloaded", file_id=file.id, app=caller.app.id)
        return web.Response(body=file.content, content_type=file.mimetype)

    async def _broken(self, name, request):
        """Faults of the bytes themselves, which no method of the API moves: status, reset, timeout."""
        rule = self.sim.faults.of_call(name, {"path": request.path})
        kind = rule["kind"] if rule else ""
        if kind == "timeout":
            await asyncio.Event().wait()
        if kind == "reset":
            request.transport.abort()
        return web.Response(status=rule.get("status", 503)) if kind in ("status", "reset") else None

    async def sign_in(self, request):
        return web.Response(text=SIGN_IN, content_type="text/html")
