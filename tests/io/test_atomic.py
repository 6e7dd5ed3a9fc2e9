"""Files appear complete or not at all."""

import os
import resource
import stat

import pytest

from jaxbragg.errors import JaxbraggError
from jaxbragg.io.atomic import replace_file

pytestmark = pytest.mark.spec("FILE-12")


def test_old_content_stays_until_the_end(tmp_path):
    path = tmp_path / "a.img"
    path.write_bytes(b"old")
    with replace_file(path) as file:
        file.write(b"new")
        file.flush()
        assert path.read_bytes() == b"old"
    assert path.read_bytes() == b"new"
    assert os.listdir(tmp_path) == ["a.img"]


@pytest.mark.parametrize("error", [RuntimeError, KeyboardInterrupt, ValueError])
def test_error_in_between_leaves_nothing_behind(tmp_path, error):
    path = tmp_path / "a.img"
    with pytest.raises(error, match="halfway"), replace_file(path) as file:
        file.write(b"half")
        raise error("halfway")
    assert not list(tmp_path.iterdir())


def test_new_files_follow_the_umask(tmp_path):
    old = os.umask(0o022)
    try:
        with replace_file(tmp_path / "a") as file:
            file.write(b"x")
    finally:
        os.umask(old)
    assert stat.S_IMODE((tmp_path / "a").stat().st_mode) == 0o644


def test_links_are_followed(tmp_path):
    (tmp_path / "real").write_bytes(b"old")
    (tmp_path / "link").symlink_to(tmp_path / "real")
    with replace_file(tmp_path / "link") as file:
        file.write(b"new")
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "real").read_bytes() == b"new"


def test_devices_are_written_directly():
    with replace_file("/dev/null") as file:
        file.write(b"x")
    assert stat.S_ISCHR(os.stat("/dev/null").st_mode)


def test_path_relative_to_the_current_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with replace_file("a") as file:
        file.write(b"x")
    assert (tmp_path / "a").read_bytes() == b"x"


@pytest.mark.parametrize(
    ("name", "message"),
    [
        (".", "it is a folder; give the name of a file"),
        ("missing/a.img", "its folder does not exist; create the folder or choose another one"),
        ("file/a.img", "a part of its path is a file; choose another folder"),
        ("n" * 300, "the name is too long; choose a shorter one"),
    ],
)
def test_impossible_paths_are_named_with_a_remedy(tmp_path, name, message):
    (tmp_path / "file").touch()
    path = os.path.join(tmp_path, name)
    with pytest.raises(JaxbraggError) as caught, replace_file(path):
        pytest.fail("the block must not run")
    assert str(caught.value) == f"cannot write {path}: {message}"
    assert os.listdir(tmp_path) == ["file"]


def test_null_characters_in_names(tmp_path):
    with (
        pytest.raises(
            JaxbraggError, match=r"^cannot write a\\x00b: embedded null byte; choose another name$"
        ),
        replace_file("a\0b"),
    ):
        pytest.fail("the block must not run")


def test_full_disk(tmp_path):
    if not os.path.exists("/dev/full"):
        pytest.skip("this system has no /dev/full")
    with (
        pytest.raises(JaxbraggError, match=r"^cannot write /dev/full: the disk is full; free some space"),
        replace_file("/dev/full") as file,
    ):
        file.write(b"x")


def test_files_above_the_limit_of_the_process_leave_the_old_content(tmp_path):
    path = tmp_path / "a.img"
    path.write_bytes(b"old")
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1000, before[1]))
    try:
        with pytest.raises(JaxbraggError, match=r"larger than files may be here"), replace_file(path) as file:
            file.write(b"x" * 1001)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert path.read_bytes() == b"old"
    assert os.listdir(tmp_path) == ["a.img"]


@pytest.mark.parametrize("existing", [False, True])
def test_unwritable_folders_and_files(tmp_path, monkeypatch, existing):
    # root may write everywhere, so the refusal is simulated
    path = tmp_path / "a.img"
    if existing:
        path.write_bytes(b"old")
        monkeypatch.setattr("os.access", lambda *_: False)
    else:

        def refuse(*_args, **_kwargs):
            raise PermissionError(13, "Permission denied")

        monkeypatch.setattr("pathlib.Path.open", refuse)
    with pytest.raises(JaxbraggError) as caught, replace_file(path):
        pytest.fail("the block must not run")
    assert str(caught.value) == f"cannot write {path}: permission denied; choose a folder you may write to"
    assert path.exists() is existing
