"""Read one message again, from the kept bytes and with today's definitions: what a replay does."""

from dataclasses import replace

from gateway.pipeline.book import Book
from gateway.pipeline.prepare import prepare
from gateway.ports.records import ArrivalRow, MessageRow, NewMessage


def reread(book: Book, arrival: ArrivalRow, message: MessageRow) -> NewMessage:
    """Return the message as it reads now, under its old id. It may be parked again, for the same or another fault."""
    found = prepare(book, arrival)
    for each in found.messages:
        if each.position == message.position:
            return replace(each, id=message.id)
    return replace(found.messages[0], id=message.id, position=message.position)
