"""The commands of an example's README, run as they stand there."""
import re
import subprocess
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent


class Readme:
    def __init__(self, cluster, example):
        self.cluster = cluster
        text = Path(ROOT, "examples", example, "README.md").read_text()
        parts = re.split(r"^## (.*)\n", text, flags=re.MULTILINE)
        self.blocks = {heading: re.findall(r"^```sh\n(.*?)^```", part, re.M | re.S) for heading, part in zip(parts[1::2], parts[2::2])}

    def run(self, heading, instead=("", "")):
        """All commands of that section, one after another; what they print. `instead`: a text of theirs, and what is put
        in its place."""
        commands = "\n".join(self.blocks[heading]).replace(*instead)
        done = subprocess.run(
            [HERE / "cluster", "run", "cp", "bash", "-euc", commands], env=self.cluster.environment, cwd=ROOT,
            text=True, capture_output=True, timeout=300)  # fmt: skip
        if done.returncode != 0:
            raise RuntimeError(f"the commands of the README under '{heading}' failed: {done.stdout}{done.stderr}")
        return done.stdout
