"""Plans for a GPU that is not there, made for this machine's processor."""

import json

import jax
import pytest
from jax.experimental import topologies

from benchmarks import gpu_plan

TINY = {"title": "tiny", "argv": "-lambda 1 -N 5 -cell 50 60 70 90 90 90 -distance 100 -default_F 1".split()}


@pytest.fixture
def target(tmp_path):
    path = tmp_path / "gpu.txtpb"
    path.write_text("a description")
    return path


def test_plan_is_printed_and_saved(target, tmp_path, monkeypatch, capsys):
    [device, *_] = jax.devices("cpu")
    monkeypatch.setattr(gpu_plan, "_described", lambda _: device)
    case, output = tmp_path / "tiny.json", tmp_path / "plan.json"
    case.write_text(json.dumps(TINY | {"argv": [*TINY["argv"], "-detpixels", "64"]}))
    words = ["--target", str(target), "--cases", str(case), "--precisions", "mixed", "--output", str(output)]
    [plan] = gpu_plan.main(words)["plans"]
    assert plan["image_bytes"] == 4 * 64 * 64
    assert plan["images"] == 1 + plan["temporary_bytes"] / plan["image_bytes"]
    assert plan["kernels_of_ours"] == 0
    assert json.loads(output.read_text())["plans"] == [plan]
    assert "images: " in capsys.readouterr().out
    assert jax.default_backend() != "gpu"


def test_missing_cuda_is_one_clear_message(target, monkeypatch):
    def missing(*_, **__):
        raise NotImplementedError("topology not implemented for cuda")

    monkeypatch.setenv("JAX_SKIP_CUDA_CONSTRAINTS_CHECK", "1")  # else it would stay set for other tests
    monkeypatch.setattr(topologies, "get_topology_desc", missing)
    with pytest.raises(SystemExit, match=r"not implemented for cuda; install its CUDA with pip install"):
        gpu_plan.main(["--target", str(target)])
