"""What the image holds is enough: the program runs with nothing but it, without rights, with TLS and DNS."""
import os
import pathlib
import re
import subprocess
import sys

import pytest

REPOSITORY = pathlib.Path(__file__).resolve().parents[2]
CONTENTS = REPOSITORY / "deploy/image/contents.sh"
ADD_ON = REPOSITORY / "tests/data/config/istio_addon.yaml"  # every key that Istio's add-on for Kiali sets
PORT = 20001  # in a network of its own


@pytest.fixture
def image_root(build_dir, tmp_path):
    """Made as the container file makes it: of an unpacked package, here with few pages."""
    package, root = tmp_path / "package", tmp_path / "root"
    pages = package / "share/meshscope/console"
    (pages / "assets").mkdir(parents=True)
    (pages / "index.html").write_text('<!doctype html><html><head><base href="./"></head><body></body></html>')
    (pages / "assets/app-0a1b.js").write_text("1;")
    (package / "bin").mkdir()
    os.symlink(build_dir / "app/meshscope", package / "bin/meshscope")
    subprocess.run([CONTENTS, root, package], check=True)
    return root


def files(root):
    return sorted(str(path.relative_to(root)) for path in root.rglob("*") if path.is_file() or path.is_symlink())


def test_the_image_holds_the_program_its_libraries_and_little_else(image_root):
    libraries = [name for name in files(image_root) if ".so" in name]
    others = [name for name in files(image_root) if ".so" not in name]
    assert others == [
        "etc/group", "etc/nsswitch.conf", "etc/passwd", "etc/ssl/certs/ca-certificates.crt",
        "opt/kiali/kiali", "opt/meshscope/console/assets/app-0a1b.js", "opt/meshscope/console/index.html",
        "opt/meshscope/meshscope", "usr/lib/ssl/cert.pem", "usr/lib/ssl/certs"]
    linked = subprocess.run(["ldd", image_root / "opt/meshscope/meshscope"], check=True, capture_output=True, text=True).stdout
    assert libraries == sorted({name.lstrip("/") for name in re.findall(r"/[^ ]+", linked)})
    assert os.readlink(image_root / "opt/kiali/kiali") == "../meshscope/meshscope"
    sizes = [(image_root / name).stat().st_size for name in libraries]
    assert all(sizes) and sum(sizes) < 32 << 20


@pytest.mark.skipif(os.geteuid() != 0, reason="a root of its own needs rights to change the root")
def test_the_program_runs_in_it_with_tls_and_dns(image_root):
    probe = pathlib.Path(__file__).with_name("image_probe.py")
    ended = subprocess.run(
        ["unshare", "--net", "--mount", sys.executable, probe, image_root, str(PORT)], capture_output=True, text=True, timeout=120)
    assert ended.returncode == 0, ended.stdout + ended.stderr


def test_the_container_file_takes_the_package_as_it_is_made():
    lines = (REPOSITORY / "deploy/image/Containerfile").read_text()
    assert "deploy/image/contents.sh /image /package\n" in lines
    packed = (REPOSITORY / "tools/dev/package.sh").read_text()
    assert '"$root/bin/"' in packed and '"$root/share/meshscope/console"' in packed
    # What is built on the machine of who builds the image stays there.
    assert {"build", "**/node_modules"} <= set((REPOSITORY / ".dockerignore").read_text().split())


@pytest.mark.skipif(os.geteuid() != 0, reason="a root of its own needs rights to change the root")
def test_a_config_map_of_kiali_starts_it_unchanged(image_root):
    probe = pathlib.Path(__file__).with_name("image_probe.py")
    ended = subprocess.run(
        ["unshare", "--net", "--mount", sys.executable, probe, image_root, str(PORT), ADD_ON], capture_output=True, text=True, timeout=180)
    assert ended.returncode == 0, ended.stdout + ended.stderr


@pytest.mark.skipif(os.geteuid() != 0, reason="a root of its own needs rights to change the root")
def test_it_says_its_version_without_a_configuration(image_root):
    # Sanitizers read their options below /proc.
    script = 'mount -t proc proc "$1/proc" && exec chroot --userspec=65532:65532 "$1" /opt/kiali/kiali --version'
    environment = {**os.environ, "ASAN_OPTIONS": "detect_leaks=0", "LSAN_OPTIONS": "detect_leaks=0"}
    ended = subprocess.run(["unshare", "--mount", "sh", "-c", script, "sh", image_root], capture_output=True, text=True, env=environment)
    assert ended.returncode == 0, ended.stderr
    assert (REPOSITORY / "VERSION").read_text().strip() in ended.stdout
