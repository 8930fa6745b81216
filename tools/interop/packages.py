"""Packages of PyPI that a list beside this file pins, installed below build/interop."""
import pathlib
import subprocess
import sys

import jaegers

HERE = pathlib.Path(__file__).parent


def installed(name):
    """The folder with what NAME.txt lists; NotHad with the reason."""
    pins = HERE / f"{name}.txt"
    folder = jaegers.PROGRAMS / name
    stamp = folder / "installed.txt"
    if not stamp.exists() or stamp.read_text() != pins.read_text():
        done = subprocess.run(
            [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--only-binary", ":all:", "--require-hashes", "--upgrade", "--target", folder, "-r", pins],
            capture_output=True, text=True,
        )
        if done.returncode != 0:
            raise jaegers.NotHad(f"{pins.name} cannot be had: " + " ".join(done.stderr.split()[-30:]))
        stamp.write_text(pins.read_text())
    return folder
