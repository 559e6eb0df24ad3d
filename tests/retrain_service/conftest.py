from collections.abc import Iterator
from pathlib import Path

import pytest
from threadpoolctl import threadpool_limits

ROGUES = """
import os, signal, subprocess, sys, time

def detach():
    reading, writing = os.pipe()
    if os.fork() == 0:
        os.setsid()
        if os.fork() == 0:
            signal.signal(signal.SIGTERM, signal.SIG_IGN)
            print("child", os.getpid(), flush=True)
            os.write(writing, b"x")
            time.sleep(600)
        os._exit(0)
    os.wait()
    os.read(reading, 1)

class Rogue:
    flavour = "sklearn"
    def __init__(self, name): self.name = name
    def fit(self, data, params, seed): return getattr(self, self.name)(data)
    def hang(self, data):
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        child = subprocess.Popen(["sleep", "600"])
        print("child", child.pid, flush=True)
        time.sleep(600)
    def memory(self, data): return bytearray(8 << 30)
    def memories(self, data):
        for _ in range(3):
            if os.fork() == 0:
                held = bytearray(b"x") * (300 << 20)
                time.sleep(600)
        time.sleep(600)
    def cpu(self, data):
        while True: pass
    def file(self, data):
        with open("large", "wb") as file: file.write(bytes(64 << 20))
    def files(self, data):
        os.mkdir("many")
        for n in range(100_000):
            with open(f"many/{n}", "wb") as file: file.write(bytes(8192))
        time.sleep(600)
    def descriptors(self, data): return [open("/dev/null") for _ in range(1000)]
    def forks(self, data):
        for _ in range(200):
            if os.fork() == 0:
                os.setsid()
                time.sleep(600)
        time.sleep(600)
    def print(self, data):
        for n in range(200_000): print("line", n)
        raise RuntimeError("printed a lot")
    def garbage(self, data): return lambda: "not a model"
    def quit(self, data): os._exit(0)
    def parricide(self, data):
        os.kill(os.getppid(), signal.SIGKILL)
        time.sleep(600)
    def leak(self, data): raise RuntimeError("SECRET" if "DRIFTLINE_SECRET" in os.environ else "environment is clean")
    def orphan(self, data):
        detach()
        raise RuntimeError("left a child")
    def hung_orphan(self, data):
        detach()
        time.sleep(600)
    def slow_at_first(self, data):
        from driftline_retrain_service.trainers.logistic_regression import trainer
        if "attempt-1" in os.getcwd():
            time.sleep(600)
        return trainer.fit(data, {}, 0)
    def ponderous(self, data):
        from driftline_registry.flavours.matrices import matrix_builder
        from sklearn.linear_model import LogisticRegression
        from sklearn.pipeline import make_pipeline
        from sklearn.preprocessing import StandardScaler
        matrix = matrix_builder(data.features, data.categorical)(data.rows)
        return make_pipeline(*(StandardScaler() for _ in range(100)), LogisticRegression()).fit(matrix, data.labels)

names = [name for name in vars(Rogue) if not name.startswith("_") and name not in ("fit", "flavour")]
for name in names: globals()["rogue_" + name] = Rogue(name)
"""
NAMES = (
    "hang",
    "memory",
    "memories",
    "cpu",
    "file",
    "files",
    "descriptors",
    "forks",
    "print",
    "garbage",
    "quit",
    "parricide",
    "leak",
    "orphan",
    "hung_orphan",
    "slow_at_first",
    "ponderous",
)


@pytest.fixture
def rogue_trainers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An installed package whose trainers misbehave."""
    site = tmp_path / "site"
    info = site / "rogues-1.0.dist-info"
    info.mkdir(parents=True)
    (site / "rogues.py").write_text(ROGUES)
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: rogues\nVersion: 1.0\n")
    entries = "".join(f"{name} = rogues:rogue_{name}\n" for name in NAMES)
    (info / "entry_points.txt").write_text(f"[driftline.trainers]\n{entries}")
    monkeypatch.syspath_prepend(site)
    return site


@pytest.fixture
def one_thread() -> Iterator[None]:
    """Training in the test's own process uses one thread, as in a job; more wait for each other on a busy machine."""
    with threadpool_limits(1):
        yield
