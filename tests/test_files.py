"""Files that are there whole or not at all."""

from pathlib import Path

import pytest

from htrkit.files import whole


def test_a_file_takes_its_name_once_it_is_whole(tmp_path: Path) -> None:
    path = tmp_path / "x.weights.h5"
    path.write_text("old")
    with whole(path) as part:
        part.write_text("new")
        assert part.name.endswith(".weights.h5")
        assert path.read_text() == "old"
    assert path.read_text() == "new"
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("failure", [OSError, KeyboardInterrupt])
def test_what_fails_half_way_leaves_what_was_there(tmp_path: Path, failure: type[BaseException]) -> None:
    path = tmp_path / "x.json"
    path.write_text("old")

    def write_half() -> None:
        with whole(path) as part:
            part.write_text("ne")
            raise failure

    with pytest.raises(failure):
        write_half()
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


def test_nothing_written_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="x"), whole(tmp_path / "x"):
        pass
    assert not list(tmp_path.iterdir())
