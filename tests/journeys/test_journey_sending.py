"""A file sent as it is, and the way to a partner tried rung by rung."""

import asyncio
from pathlib import Path

from gateway.app.instance import open_instance
from gateway.app.ladder import climb
from gateway.app.sending import content_type_of, send_file
from tests.journeys.stage import staged

TEXT = b"UNA:+.? 'UNB+UNOC:3+4000002000004:14+9521001000000:14+261121:1200+1'UNZ+0+1'"


async def test_a_file_goes_out_and_the_ladder_names_the_rung_that_fails(tmp_path: Path) -> None:
    root = tmp_path / "instance"
    file = tmp_path / "any file.edi"
    file.write_bytes(TEXT)
    async with staged(root) as stage:
        instance = open_instance(root)
        try:
            parcel = await asyncio.to_thread(send_file, instance, file, "nordmarkt", "somebody")
            async with asyncio.timeout(20):
                while not any(note["file"] for note, text in stage.inbox("nordmarkt") if text == TEXT.decode()):
                    await asyncio.sleep(0.1)
                while stage.rows("SELECT state FROM parcel WHERE id = ?", parcel) != [("acked",)]:
                    await asyncio.sleep(0.1)
            whole = await climb(instance, "nordmarkt", echo=True)
            settings = instance.book.partner("nordmarkt").channels["as2"].settings
            settings["url"] = "http://127.0.0.1:9/as2"  # type: ignore[index]
            broken = await climb(instance, "nordmarkt", echo=True)
            settings["url"] = "http://10.0.0.1/as2"  # type: ignore[index]
            inside = await climb(instance, "nordmarkt")
            settings["certificate"] = "nobody"  # type: ignore[index]
            unknown = await climb(instance, "nordmarkt")
        finally:
            instance.close()
        audited = stage.rows("SELECT action FROM audit WHERE subject = ?", parcel)
    assert [rung.name for rung in whole] == ["settings", "certificates", "name", "connection", "message"]
    assert [rung.fault for rung in whole] == [None] * 5
    assert "processed" in whole[-1].detail
    outcomes = [(found[-1].name, found[-1].fault and found[-1].fault.code) for found in (broken, inside, unknown)]
    assert outcomes == [
        ("connection", "http.unreachable"),
        ("name", "http.address-refused"),
        ("settings", "keys.missing"),
    ]
    assert audited == [("parcel.send-file",)]


def test_the_media_type_is_told_from_the_first_bytes() -> None:
    found = [
        content_type_of(each) for each in (TEXT, b"ISA*00*", b"\xef\xbb\xbf<?xml?>", b'{"a": 1}', b"\x00\x01", b"")
    ]
    assert found == [
        "application/EDIFACT",
        "application/EDI-X12",
        "application/xml",
        "application/json",
        "application/octet-stream",
        "application/octet-stream",
    ]
