from pathlib import Path

import pytest
from house_scene import make_instance


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """An instance with a shop, two suppliers and our house."""
    return make_instance(tmp_path / "instance")
