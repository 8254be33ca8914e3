#!/usr/bin/env python3
"""The plugin's archive and manifest, by the rules that krew holds a manifest to.

https://krew.sigs.k8s.io/docs/developer-guide/plugin-manifest/, and what krew refuses when it reads one.
"""
import hashlib
import os
import re
import subprocess
import sys
import tarfile
import tempfile
import time
from pathlib import Path

import yaml

sys.dont_write_bytecode = True
ROOT = Path(__file__).resolve().parent.parent.parent
SEMVER = re.compile(r"v(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)(-[0-9A-Za-z.-]+)?(\+[0-9A-Za-z.-]+)?")


def expect(condition, message):
    if not condition:
        raise AssertionError(message)


def check_manifest(manifest, file_name):
    expect(set(manifest) == {"apiVersion", "kind", "metadata", "spec"}, f"{sorted(manifest)}")
    expect(manifest["apiVersion"] == "krew.googlecontainertools.github.com/v1alpha2", manifest["apiVersion"])
    expect(manifest["kind"] == "Plugin", manifest["kind"])
    name, spec = manifest["metadata"]["name"], manifest["spec"]
    expect(re.fullmatch(r"[\w-]+", name) and f"{name}.yaml" == file_name, f"{name} in {file_name}")
    known = {"version", "homepage", "shortDescription", "description", "caveats", "platforms"}
    expect(set(spec) <= known, f"unknown: {set(spec) - known}")
    expect(SEMVER.fullmatch(spec["version"]), f"version {spec['version']}")
    expect(spec["shortDescription"] and "\n" not in spec["shortDescription"] and len(spec["shortDescription"]) <= 50, "shortDescription")
    expect(spec["platforms"], "no platform")
    for platform in spec["platforms"]:
        check_platform(platform)


def check_platform(platform):
    expect(set(platform) <= {"selector", "uri", "sha256", "files", "bin"}, f"{sorted(platform)}")
    expect(re.fullmatch(r"[a-f0-9]{64}", platform["sha256"]), platform["sha256"])
    expect(re.fullmatch(r"https://\S+\.(tar\.gz|zip)", platform["uri"]), platform["uri"])
    labels = platform["selector"]["matchLabels"]
    expect(labels and set(labels) <= {"os", "arch"}, f"{labels}")
    files = platform["files"]
    expect(files and all(f["from"] and f["to"] for f in files), f"{files}")
    copied = [os.path.normpath(os.path.join(f["to"], os.path.basename(f["from"]))) for f in files]
    expect(os.path.normpath(platform["bin"]) in copied, f"bin {platform['bin']} is not among {copied}")
    expect(not any(".." in f["to"] for f in files), "outside of the plugin's folder")


def packed(program, out, uri="https://example.org/v1/@"):
    done = subprocess.run([ROOT / "scripts" / "krew-archive", uri, program], env={**os.environ, "KREW_OUT": str(out)}, text=True, capture_output=True)
    return done, next(iter(Path(out).glob("*.tar.gz")), None), Path(out, "baton.yaml")


def main():
    with tempfile.TemporaryDirectory() as folder:
        program, first, second = Path(folder, "kubectl-baton"), Path(folder, "1"), Path(folder, "2")
        program.write_text("#!/bin/sh\necho it runs\n")
        program.chmod(0o755)
        done, archive, manifest = packed(program, first)
        expect(done.returncode == 0, done.stderr)
        read = yaml.safe_load(manifest.read_text())
        check_manifest(read, manifest.name)
        version = re.search(r"^project\(baton VERSION (\S+)", (ROOT / "CMakeLists.txt").read_text(), re.M)[1]
        expect(read["spec"]["version"] == f"v{version}" and archive.name == f"kubectl-baton-{version}-linux-amd64.tar.gz", f"{archive.name}")
        platform = read["spec"]["platforms"][0]
        expect(platform["uri"] == f"https://example.org/v1/{archive.name}", platform["uri"])
        expect(platform["sha256"] == hashlib.sha256(archive.read_bytes()).hexdigest(), "sha256")
        with tarfile.open(archive) as tar:
            expect([(m.name, m.mode, m.uid) for m in tar] == [("LICENSE", 0o644, 0), ("kubectl-baton", 0o755, 0)], f"{tar.getnames()}")
            expect(tar.extractfile("kubectl-baton").read() == program.read_bytes(), "another program")
            expect(all(f["from"] in tar.getnames() for f in platform["files"]), "a file is not in the archive")
        time.sleep(1.1)
        program.touch()
        expect(packed(program, second)[1].read_bytes() == archive.read_bytes(), "the same program gives another archive")
        for uri in ("", "file:///x/@", "https://example.org/a b", 'https://example.org/"'):
            expect(packed(program, Path(folder, "3"), uri)[1] is None, f"{uri!r} was taken")
        expect(packed(Path(folder, "nothing"), Path(folder, "3"))[0].returncode != 0, "without a program")
    print("ok   krew")


if __name__ == "__main__":
    main()
