import copy
import json
import logging
import pickle
import traceback
from dataclasses import asdict, dataclass

import pytest

from meterdeck.domain.secret import Secret

VALUE = "sk-ant-admin01-invented-value"
SECRET = Secret(VALUE)


@dataclass
class Holder:
    key: Secret


@pytest.mark.parametrize(
    "shown",
    [
        repr(SECRET),
        str(SECRET),
        ascii(SECRET),
        format(SECRET),
        f"{SECRET}",
        f"{SECRET!r}",
        "%s and %r" % (SECRET, SECRET),  # noqa: UP031 - logging formats like this
        "{} and {!r}".format(SECRET, SECRET),  # noqa: UP032 - all ways are tried
        repr([SECRET]),
        repr({"key": SECRET}),
        repr(Holder(SECRET)),
    ],
)
def test_no_way_of_printing_shows_the_value(shown: str) -> None:
    assert VALUE not in shown
    assert "Secret(" in shown


def test_a_log_record_does_not_show_the_value(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG):
        logging.getLogger("test").debug("key %s %r", SECRET, {"key": SECRET})
    assert "Secret(" in caplog.text
    assert VALUE not in caplog.text


def test_a_traceback_with_all_its_locals_does_not_show_the_value() -> None:
    def fail(key: Secret) -> None:
        msg = f"cannot use {key}"
        raise RuntimeError(msg)

    with pytest.raises(RuntimeError) as caught:
        fail(SECRET)
    report = "".join(traceback.TracebackException.from_exception(caught.value, capture_locals=True).format())
    assert "Secret(" in report
    assert VALUE not in report


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
def test_a_secret_is_never_pickled_and_the_refusal_does_not_show_it(protocol: int) -> None:
    with pytest.raises(TypeError, match="never pickled") as caught:
        pickle.dumps(Holder(SECRET), protocol)
    assert VALUE not in str(caught.value)


def test_a_secret_is_not_copied_nor_written_as_json_nor_has_a_dict() -> None:
    for use in (copy.copy, copy.deepcopy, json.dumps, vars):
        with pytest.raises(TypeError) as caught:
            use(SECRET)
        assert VALUE not in str(caught.value)
    with pytest.raises(TypeError):
        asdict(Holder(SECRET))


def test_secrets_are_compared_by_value_and_revealed_only_by_name() -> None:
    assert Secret(VALUE) == SECRET
    assert hash(Secret(VALUE)) == hash(SECRET)
    assert Secret("another") != SECRET
    assert SECRET != VALUE
    assert SECRET.reveal() == VALUE
