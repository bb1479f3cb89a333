"""The home folder: where it is, whose it is, what happens when it cannot be had."""

from __future__ import annotations

import stat

import pytest

from topstitch.errors import ConfigError
from topstitch.runtime import home


def mode(path):
    return stat.S_IMODE(path.stat().st_mode)


def test_it_is_where_the_environment_says_and_made_on_demand(tmp_path, monkeypatch):
    monkeypatch.setenv("TOPSTITCH_HOME", str(tmp_path / "deep" / "home"))
    assert home.topstitch_home() == (tmp_path / "deep" / "home").resolve()
    assert (tmp_path / "deep" / "home").is_dir()


def test_a_relative_home_becomes_absolute(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("TOPSTITCH_HOME", "here")
    assert home.topstitch_home() == (tmp_path / "here").resolve()


def test_a_users_home_is_theirs_alone(tmp_path, monkeypatch):
    monkeypatch.setattr(home, "is_root", lambda: False)
    monkeypatch.delenv("TOPSTITCH_HOME", raising=False)
    monkeypatch.setattr(home.platformdirs, "user_data_path", lambda name, **_: tmp_path / "share" / name)
    assert home.topstitch_home() == (tmp_path / "share" / "topstitch").resolve()
    assert mode(tmp_path / "share" / "topstitch") == 0o700


def test_roots_home_can_be_entered_but_not_listed(tmp_path, monkeypatch):
    monkeypatch.setattr(home, "is_root", lambda: True)
    monkeypatch.setattr(home, "SYSTEM_HOME", tmp_path / "system")
    monkeypatch.setenv("TOPSTITCH_HOME", "")
    assert home.topstitch_home() == (tmp_path / "system").resolve()
    assert mode(tmp_path / "system") == 0o711


def test_a_home_that_exists_is_left_as_it_is(tmp_path, monkeypatch):
    (tmp_path / "home").mkdir(mode=0o750)
    monkeypatch.setenv("TOPSTITCH_HOME", str(tmp_path / "home"))
    home.topstitch_home()
    assert mode(tmp_path / "home") == 0o750


def test_a_file_in_its_place_is_explained(tmp_path, monkeypatch):
    (tmp_path / "home").touch()
    monkeypatch.setenv("TOPSTITCH_HOME", str(tmp_path / "home"))
    with pytest.raises(ConfigError, match=r"TOPSTITCH_HOME: The folder .*home cannot be created: File exists"):
        home.topstitch_home()
