"""The pages of the console over the whole program, from a small built folder."""
import gzip

import pytest

SCRIPT = b"console.log('hello');\n" * 100


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    folder = tmp_path_factory.mktemp("console")
    (folder / "assets").mkdir()
    (folder / "index.html").write_text('<!doctype html><html><head><base href="./"></head><body></body></html>')
    (folder / "assets" / "app-0a1b.js").write_bytes(SCRIPT)
    (folder / "assets" / "app-0a1b.js.gz").write_bytes(gzip.compress(SCRIPT))
    return folder


def console(launch, built, **server):
    more = {"server": server, "meshscope": {"console_root": str(built)}}
    return launch.console({"internal_url": "", "enabled": False}, more=more).console


def test_the_root_leads_to_the_pages(launch, built):
    answer = console(launch, built).ask("/")
    assert (answer.status, answer.headers["Location"]) == (302, "/console/")


@pytest.mark.parametrize("web_root", ["", "/kiali"])
def test_pages_scripts_and_what_is_neither(launch, built, web_root):
    api = console(launch, built, **({"web_root": web_root} if web_root else {}))
    api.web_root = ""
    at = web_root + "/console/"
    page = api.ask(at)
    assert page.status == 200
    assert f'<base href="{at}">' in page.body.decode()
    assert page.headers["Cache-Control"] == "no-cache"
    policy = page.headers.get_all("Content-Security-Policy")
    assert len(policy) == 1 and "script-src 'self'" in policy[0] and "unsafe" not in policy[0]
    assert api.ask(at + "namespaces/bookinfo/workloads/reviews-v1?tab=traces").body == page.body
    script = api.ask(at + "assets/app-0a1b.js")
    assert script.body == SCRIPT
    assert "immutable" in script.headers["Cache-Control"]
    assert api.ask(at + "assets/gone-0a1b.js").status == 404
    assert api.ask(web_root + "/api/nosuch").status == 404
    assert api.ask(at, method="POST").status == 405


def test_packed_files_and_known_ones(launch, built):
    api = console(launch, built)
    packed = api.ask("/console/assets/app-0a1b.js", headers={"Accept-Encoding": "gzip, br"})
    assert packed.headers["Content-Encoding"] == "gzip"
    assert packed.body == (built / "assets" / "app-0a1b.js.gz").read_bytes()
    known = api.ask("/console/assets/app-0a1b.js", headers={"If-None-Match": packed.headers["ETag"]})
    assert (known.status, known.body) == (304, b"")
    head = api.ask("/console/assets/app-0a1b.js", method="HEAD")
    assert (head.status, head.body, head.headers["Content-Length"]) == (200, b"", str(len(SCRIPT)))
