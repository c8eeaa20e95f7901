from pathlib import Path
from shutil import copytree

import pytest
from house_scene import make_instance


@pytest.fixture(scope="session")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_instance(tmp_path_factory.mktemp("house") / "instance")


@pytest.fixture
def root(made: Path, tmp_path: Path) -> Path:
    """An instance with a shop, two suppliers and our house."""
    return copytree(made, tmp_path / "instance")
