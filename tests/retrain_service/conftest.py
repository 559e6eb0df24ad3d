from pathlib import Path

import pytest

ROGUES = """
import os, signal, subprocess, sys, time

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
    def cpu(self, data):
        while True: pass
    def disk(self, data):
        with open("large", "wb") as file: file.write(bytes(64 << 20))
    def garbage(self, data): return lambda: "not a model"
    def quit(self, data): os._exit(0)
    def leak(self, data): raise RuntimeError("SECRET" if "DRIFTLINE_SECRET" in os.environ else "environment is clean")
    def orphan(self, data):
        child = subprocess.Popen(["sleep", "600"])
        print("child", child.pid, flush=True)
        raise RuntimeError("left a child")
    def slow(self, data):
        from driftline_retrain_service.trainers.logistic_regression import trainer
        time.sleep(float(os.environ.get("PAUSE", "3")))
        return trainer.fit(data, {}, 0)

names = ["hang", "memory", "cpu", "disk", "garbage", "quit", "leak", "orphan", "slow"]
for name in names: globals()[name] = Rogue(name)
"""


@pytest.fixture
def rogue_trainers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An installed package whose trainers misbehave."""
    site = tmp_path / "site"
    info = site / "rogues-1.0.dist-info"
    info.mkdir(parents=True)
    (site / "rogues.py").write_text(ROGUES)
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: rogues\nVersion: 1.0\n")
    names = ("hang", "memory", "cpu", "disk", "garbage", "quit", "leak", "orphan", "slow")
    (info / "entry_points.txt").write_text("[driftline.trainers]\n" + "".join(f"{n} = rogues:{n}\n" for n in names))
    monkeypatch.syspath_prepend(site)
    return site
