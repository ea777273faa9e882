"""Names of dimensions: several are read, one is written."""

import pytest

from meterdeck.domain.dimensions import Dimension


@pytest.mark.parametrize("dimension", Dimension)
def test_a_dimension_is_called_by_its_word_by_the_api_s_name_and_by_its_title(dimension: Dimension) -> None:
    for name in (dimension.word, dimension.value, dimension.title, *dimension.names):
        for typed in (name, name.upper(), name.replace("_", " "), name.replace("_", "-"), f" {name} "):
            assert Dimension.called(typed) is dimension
    assert dimension.names[0] == dimension.word


def test_the_api_s_id_forms_and_geo_are_names() -> None:
    assert Dimension.called("geo") is Dimension.called("inference_geo") is Dimension.INFERENCE_GEO
    assert Dimension.called("service_account_id") is Dimension.SERVICE_ACCOUNT
    assert Dimension.called("account_id") is Dimension.ACCOUNT
    assert Dimension.INFERENCE_GEO.word == "inference_geo"


def test_no_two_dimensions_share_a_name() -> None:
    names = [name for dimension in Dimension for name in dimension.names]
    assert len(names) == len(set(names))


@pytest.mark.parametrize("text", ["", "colour", "id", "work", "geos"])
def test_what_none_is_called_is_none(text: str) -> None:
    assert Dimension.called(text) is None
