"""What a process holds and uses: memory, threads, files, processors."""
import os
import re
import threading
from pathlib import Path


class Watched:
    """Looks at its threads and files all the time while it is entered; the peak of memory is counted from then on."""

    def __init__(self, pid):
        self.folder = Path(f"/proc/{pid}")
        self.stopped = threading.Event()
        self.thread = threading.Thread(target=self._look, daemon=True)

    def __enter__(self):
        try:
            (self.folder / "clear_refs").write_text("5")  # VmHWM begins anew
        except OSError:
            pass  # then it is the peak since its start
        self.before = self.resident()
        self.known, self.most, self.most_files = self._threads(), 0, 0
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.stopped.set()
        self.thread.join()

    def _status(self, name):
        return int(re.search(rf"{name}:\s+(\d+)", (self.folder / "status").read_text())[1])

    def _threads(self):
        return self._status("Threads")

    def _look(self):
        while not self.stopped.wait(0.1):
            try:
                self.most = max(self.most, self._threads())
                self.most_files = max(self.most_files, self.files())
            except (OSError, TypeError):  # it has ended
                return

    def processor(self):
        """Seconds that its threads ran, and that they could have run but had no processor."""
        ran, waited = 0, 0
        for schedule in self.folder.glob("task/*/schedstat"):
            words = schedule.read_text().split()
            ran, waited = ran + int(words[0]), waited + int(words[1])
        return ran / 1e9, waited / 1e9

    def new_threads(self):
        return max(0, self.most - self.known)

    def files(self):
        return len(os.listdir(self.folder / "fd"))

    def resident(self):
        return self._status("VmRSS") * 1024

    def memory(self):
        return {"before": self.before, "peak": self._status("VmHWM") * 1024, "now": self.resident()}

    def sanitized(self):
        """Whether it is built with a sanitizer, whose shadow is terabytes of addresses."""
        return self._status("VmSize") > 1 << 31
