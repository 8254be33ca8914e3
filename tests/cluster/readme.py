"""The commands of a page, run as they stand there."""
import os
import re
import subprocess
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent


class Readme:
    def __init__(self, cluster, page, path=""):
        """`page`: its path in the project. `path`: where programs are looked for first."""
        self.cluster, self.path = cluster, path
        text = Path(ROOT, page).read_text()
        parts = re.split(r"^## (.*)\n", text, flags=re.MULTILINE)
        self.blocks = {heading: re.findall(r"^```sh\n(.*?)^```", part, re.M | re.S) for heading, part in zip(parts[1::2], parts[2::2])}

    def run(self, heading, instead=("", ""), without=None):
        """All commands of that section, one after another; what they print. `instead`: a text of theirs, and what is put
        in its place; `without`: a program whose lines are left out."""
        lines = "\n".join(self.blocks[heading]).splitlines()
        commands = "\n".join(line for line in lines if not without or line.split(" ")[0] != without).replace(*instead)
        environment = {**self.cluster.environment, "PATH": os.pathsep.join(filter(None, (str(self.path), os.environ["PATH"])))}
        done = subprocess.run(
            [HERE / "cluster", "run", "cp", "bash", "-euc", commands], env=environment, cwd=ROOT,
            text=True, capture_output=True, timeout=300)  # fmt: skip
        if done.returncode != 0:
            raise RuntimeError(f"the commands of the page under '{heading}' failed: {done.stdout}{done.stderr}")
        return done.stdout
