"""Frames on pipes, and the worker's loop over them."""

import io
import os
import pickle
import threading

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fasterapi_concurrency import process_worker, remote
from fasterapi_concurrency.process_worker import read_frame, write_frame


@given(st.tuples(st.integers(), st.text()), st.lists(st.binary(max_size=50), max_size=4))
def test_a_frame_arrives_as_it_was_sent(head, parts):
    file = io.BytesIO()
    write_frame(file, head, parts)
    file.seek(0)
    assert read_frame(file) == (head, parts)


@pytest.mark.parametrize("cut", [0, 4, 12, -1])
def test_a_frame_that_is_cut_off_is_an_end(cut):
    file = io.BytesIO()
    write_frame(file, (1,), [b"part"])
    with pytest.raises(EOFError):
        read_frame(io.BytesIO(file.getvalue()[:cut]))


def test_jobs_are_answered_until_the_pipe_ends():
    job_read, job_write = os.pipe()
    reply_read, reply_write = os.pipe()
    big = b"x" * remote.LARGE_BYTES
    try:
        with open(job_read, "rb") as jobs_in, open(reply_write, "wb") as replies_out:
            thread = threading.Thread(target=process_worker.work, args=(jobs_in, replies_out), daemon=True)
            thread.start()
            with open(job_write, "wb") as jobs, open(reply_read, "rb") as replies:
                write_frame(jobs, (1, pickle.dumps(abs), None), [pickle.dumps(((-2,), {}))])
                assert read_frame(replies) == ((remote.VALUE, 2), [])
                payload = pickle.dumps(((pickle.PickleBuffer(big),), {}), 5, buffer_callback=lambda _: False)
                for kind, function, answer in [("bytes", bytes, big), ("memoryview", type, None)]:
                    key = len(kind)
                    write_frame(jobs, (key, pickle.dumps(function), (kind,)), [payload, big])
                    (_, _), parts = read_frame(replies)
                    assert parts == ([answer] if answer else [])
            thread.join(10)
            assert not thread.is_alive()
    finally:
        remote.functions.clear()
