"""Message references: ranges and single ones give the same answers as a plain set."""

from hypothesis import given
from hypothesis import strategies as st

from gateway.codecs.envelope_references import References

REFERENCE = st.one_of(
    st.integers(0, 30).map(str), st.integers(0, 12).map("{:03}".format), st.sampled_from(["A1", "A2", "A", ""])
)


@given(st.lists(REFERENCE, max_size=60))
def test_references_are_told_apart_as_a_set_would(given_references):
    references, plain = References(), set()
    for each in given_references:
        assert references.seen(each) == (each in plain)
        plain.add(each)


def test_references_that_count_up_take_no_room():
    references = References()
    assert not any(references.seen(f"M{number:08}") for number in range(5000))
    assert not references._others
    assert len(references._ranges) == 1
    assert references.seen("M00002500")
