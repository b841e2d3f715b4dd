"""Serves the page a developer talks through."""

from pathlib import Path

from aiohttp import web

FOLDER = Path(__file__).resolve().parent.parent / "page"
KINDS = {".html": "text/html", ".css": "text/css", ".js": "text/javascript"}


def add_routes(router):
    async def index(request):
        return _file("index.html")

    async def asset(request):
        return _file(request.match_info["name"])

    router.add_get("/", index)
    router.add_get("/page/{name}", asset)


def _file(name):
    path = FOLDER / name
    if path.parent != FOLDER or not path.is_file():
        return web.Response(status=404, text="not found")
    headers = {
        "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'",
        "Cache-Control": "no-store",
    }
    return web.Response(text=path.read_text(), content_type=KINDS.get(path.suffix, "text/plain"), headers=headers)
