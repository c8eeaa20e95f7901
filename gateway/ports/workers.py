"""Workers: processes that compute what one process would compute alone, task by task."""

from collections.abc import Callable, Iterator, Sequence
from typing import Protocol, TypeVar

T = TypeVar("T")
R = TypeVar("R")


class Workers(Protocol):
    """Where the shards of a planning night are computed: in processes of this machine, or of a cluster of ours.

    Equal tasks have equal results wherever they run: work reads what it needs itself and changes nothing.
    """

    def each(self, work: Callable[[T], R], tasks: Sequence[T]) -> Iterator[tuple[T, R]]:
        """Yield every task with its result, as they come. work: a function of a module; tasks, results: plain values.

        A task whose process dies is done again in another one. Raises what work raises, and OurFault plan.worker-lost
        when no process survives a task, or nobody answers.
        """
