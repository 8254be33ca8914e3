"""Kills a controller at one point of its work."""
import threading
import time

WRITE_VARIANTS = ("unsent", "unanswered", "seen")
HOOK_VARIANTS = ("lost", "done", "seen")


class Trap:
    """Counts what a controller does from arm() on. With a point (kind, number, variant) the controller is killed there:

    a write   'unsent': before it is forwarded; 'unanswered': the API server has answered, the controller never sees it;
              'seen': a moment after the controller got the answer
    a hook    'lost': the pod never gets the call; 'done': the pod has done it, the answer is lost; 'seen': as above
    """

    def __init__(self, point=None):
        self.point = point
        self.controller = None
        self.sprung = threading.Event()
        self.seen = []  # (kind, what) in order
        self._armed = False
        self._lock = threading.Lock()

    def arm(self, controller):
        with self._lock:
            self.controller, self._armed = controller, True

    def count(self, kind):
        return sum(1 for k, _ in self.seen if k == kind)

    def arrives(self, kind, what):
        """(kind, number from 1), to be shown to strikes(); None while not armed."""
        with self._lock:
            if not self._armed:
                return None
            self.seen.append((kind, what))
            return kind, self.count(kind)

    def strikes(self, at, variant):
        """True when this is the point; the controller is dead then."""
        if self.point != (*at, variant):
            return False
        if variant == "seen":
            time.sleep(at[1] % 5 * 0.004)  # the answer is on its way; how far the controller comes with it differs
        with self._lock:
            self.controller.kill()
            self._armed = False
        self.sprung.set()
        return True
