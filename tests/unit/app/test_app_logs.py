"""What strangers can make us write into the log."""

import logging

from aiohttp.http_exceptions import BadHttpMessage

from gateway.app.logs import StrangersMistakes


def record_of(error: Exception) -> logging.LogRecord:
    what = (type(error), error, None)
    return logging.LogRecord("aiohttp.server", logging.ERROR, "x.py", 1, "Error handling request", (), what)


def test_what_is_no_http_is_one_line_and_no_alarm() -> None:
    record = record_of(BadHttpMessage("Got more than 8190 bytes\n\n  b'aaaa'"))
    assert StrangersMistakes().filter(record)
    assert (record.levelname, record.getMessage(), record.exc_info) == (
        "INFO",
        "no HTTP: Got more than 8190 bytes",
        None,
    )


def test_a_bug_keeps_its_level_and_its_way() -> None:
    record = record_of(ValueError("ours"))
    assert StrangersMistakes().filter(record)
    assert record.levelno == logging.ERROR
    assert record.exc_info is not None
