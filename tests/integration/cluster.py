"""An API server of this test's own, without controllers and kubelets: pods are as the test writes them."""
import os
import subprocess
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "contract"))
from kubernetes import CLUSTER, CRDS, KINDS, ROOT, expect  # noqa: E402

from api import Api, ApiError, Kubeconfig  # noqa: E402


class Server:
    """With BATON_IT_KUBECONFIG that API server is used, as tests/cluster/cluster made it; it saves the time to start."""

    def __init__(self, name):
        given = os.environ.get("BATON_IT_KUBECONFIG")
        self.own = not given
        self.environment = dict(os.environ)
        root = Path(os.environ.get("CLUSTER_ROOT", "/tmp/baton-cluster"))
        if self.own:
            self.environment.update(CLUSTER_NAME=f"{name}-{os.getpid()}", CLUSTER_LOOPBACK="1", CLUSTER_CONTROLLERS="0",
                                    CLUSTER_OWNER=str(os.getpid()))
        else:
            self.environment["CLUSTER_NAME"] = Path(given).parent.name
        self.path = Path(given) if given else root / self.environment["CLUSTER_NAME"] / "kubeconfig"

    def __enter__(self):
        if self.own:
            self.script("up", "0")
        self.kubeconfig = Kubeconfig(self.path)
        self.api = Api(self.kubeconfig)
        self.kubectl("apply", "--server-side", "--force-conflicts", "-f", CRDS)
        self.kubectl("wait", "--for=condition=Established", *[f"crd/{plural}.ha.baton.dev" for plural in KINDS])
        until = time.monotonic() + 60
        while True:
            try:
                for plural in KINDS:
                    self.api.get(f"/apis/ha.baton.dev/v1alpha1/{plural}")
                return self
            except ApiError as error:
                expect(error.code in (404, 429) and time.monotonic() < until, f"the kinds are not served: {error}")
                time.sleep(0.2)

    def __exit__(self, *_):
        if self.own:
            self.script("down")

    def kubectl(self, *arguments):
        return self.script("run", "cp", "kubectl", *map(str, arguments))

    def script(self, *arguments):
        return subprocess.run([CLUSTER, *arguments], env=self.environment, text=True, check=True,
                              stdout=subprocess.PIPE).stdout
