"""config.yaml and where the instance is."""

from datetime import timedelta
from ipaddress import ip_network
from pathlib import Path

import pytest

from gateway.config.settings import Address, Settings, find_root, load_settings, read_settings
from gateway.model.faults import OurFault

ROOT = Path("/nowhere")


def read(text: str) -> Settings:
    return read_settings(text, ROOT)


def codes(text: str) -> list[tuple[str, int | None, str]]:
    with pytest.raises(OurFault) as caught:
        read(text)
    return [(each.code, each.where.line, dict(each.params).get("key", "")) for each in caught.value.findings]


def test_an_empty_file_gives_every_default() -> None:
    found = read("")
    assert found.partners_port == Address(host="127.0.0.1", port=8080)
    assert found.console_port == Address(host="127.0.0.1", port=8081)
    assert found.var == ROOT / "var"
    assert found.clock_file is None
    assert found.allow_networks == ()
    assert found.planning_every == timedelta(hours=24)
    assert found.limits.payload_max_bytes == 50 * 1024 * 1024


def test_written_values_replace_the_defaults() -> None:
    found = read(
        "instance: hub-1\nlanguage: zh-CN\nzone: Asia/Shanghai\nworkers: 4\n"
        "listen: {partners: {host: 0.0.0.0, port: 9090}}\nfolders: {var: data}\nclock: {file: data/clock.json}\n"
        "allow_networks: [10.0.0.0/8, 'fd00::/8']\nplanning: {every_h: 0}\nretry: {attempts: 3}\n"
    )
    assert (found.instance, found.language, found.zone, found.workers) == ("hub-1", "zh-CN", "Asia/Shanghai", 4)
    assert found.partners_port == Address(host="0.0.0.0", port=9090)
    assert found.console_port.port == 8081
    assert found.clock_file == ROOT / "data/clock.json"
    assert found.allow_networks == (ip_network("10.0.0.0/8"), ip_network("fd00::/8"))
    assert found.planning_every is None
    assert found.retry.attempts == 3


def test_the_processes_of_planning_are_a_number_or_the_cluster_of_a_scheduler() -> None:
    found = read("planning: {processes: 0}\n")
    assert (found.planning_processes, found.planning_scheduler) == (0, None)
    assert read("").planning_processes is None, "one for each core but one"
    found = read("planning: {executor: dask, scheduler: 'tcp://10.0.0.5:8786'}\n")
    assert found.planning_scheduler == "tcp://10.0.0.5:8786"
    for wrong in ("{executor: dask}", "{scheduler: 'tcp://a:1'}", "{executor: dask, scheduler: 'http://a:1'}"):
        assert codes(f"planning: {wrong}\n") == [("config.bad-value", 1, "planning.scheduler")]
    assert codes("planning: {proceses: 2}\n")[0][0] == "config.unknown-key"


def test_an_unknown_key_names_its_place_and_the_nearest_one() -> None:
    with pytest.raises(OurFault) as caught:
        read("instance: a\nlanguag: en\n")
    fault = caught.value
    assert (fault.code, fault.where.line, fault.where.column) == ("config.unknown-key", 2, 1)
    assert fault.params["nearest"] == "language"
    assert fault.params["at"] == "config.yaml:2:1"


def test_all_problems_of_the_file_come_at_once() -> None:
    assert codes("workers: many\nlisten:\n  partners: {prot: 1}\nallow_networks: [300.1.1.1/8]\nzone: Mars\n") == [
        ("config.bad-value", 5, "zone"),
        ("config.unknown-key", 3, "listen.partners.prot"),
        ("config.bad-value", 1, "workers"),
        ("config.bad-value", 4, "allow_networks"),
    ]


@pytest.mark.parametrize("text", ["workers: 0", "workers: -1", "workers: ١", "workers: 1e3", "workers: 99999999999999"])
def test_a_number_out_of_its_range_is_refused(text: str) -> None:
    assert codes(text) == [("config.bad-value", 1, "workers")]


def test_a_list_where_a_table_belongs_is_named() -> None:
    assert codes("listen: [1]") == [("config.wrong-kind", 1, "listen")]


def test_an_instance_name_that_cannot_stand_in_a_message_id_is_refused() -> None:
    assert codes("instance: 'a>b'") == [("config.bad-value", 1, "instance")]


def test_the_instance_is_the_named_folder_then_the_environment_then_the_current_folder(tmp_path: Path) -> None:
    for name in ("named", "environ", "here"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "config.yaml").write_text("")
    environ = {"GATEWAY_INSTANCE": str(tmp_path / "environ")}
    assert find_root(str(tmp_path / "named"), environ, tmp_path / "here").name == "named"
    assert find_root(None, environ, tmp_path / "here").name == "environ"
    assert find_root(None, {}, tmp_path / "here").name == "here"


def test_a_folder_without_config_is_no_instance(tmp_path: Path) -> None:
    with pytest.raises(OurFault) as caught:
        find_root(str(tmp_path), {})
    assert caught.value.code == "config.no-instance"


def test_a_file_that_is_not_utf8_is_refused_by_name(tmp_path: Path) -> None:
    (tmp_path / "config.yaml").write_bytes(b"instance: \xff\n")
    with pytest.raises(OurFault) as caught:
        load_settings(tmp_path)
    assert (caught.value.code, caught.value.params["at"]) == ("config.unreadable", "config.yaml")


def test_the_demo_configuration_of_the_repository_is_valid_and_lists_loopback() -> None:
    found = load_settings(Path(__file__).parents[3])
    assert found.allow_networks == (ip_network("127.0.0.0/8"),)
    assert found.clock_file is not None
