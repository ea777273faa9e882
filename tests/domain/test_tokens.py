import pytest
from hypothesis import given
from hypothesis import strategies as st

from meterdeck.domain.tokens import NO_TOKENS, TokenCounts, TokenType, token_type_of_line, total_of

counts = st.builds(TokenCounts, *[st.integers(0, 10**12)] * 5)


@given(st.lists(counts, max_size=8))
def test_counts_add_up_field_by_field_and_their_totals_with_them(many: list[TokenCounts]) -> None:
    total = total_of(many)
    for token_type in TokenType:
        assert total.of(token_type) == sum(one.of(token_type) for one in many)
    assert total.total == sum(one.total for one in many)


@given(counts)
def test_a_count_is_the_sum_of_its_five_types_and_input_is_all_but_output(count: TokenCounts) -> None:
    assert total_of(count.only(token_type) for token_type in TokenType) == count
    assert count.items() == [(token_type, count.of(token_type)) for token_type in TokenType]
    assert (
        count.input + count.of(TokenType.OUTPUT) == count.total == sum(number for _, number in count.items())
    )


IN_BILL = {
    "uncached_input": "uncached_input_tokens",
    "cache_read": "cache_read_input_tokens",
    "cache_write_5m": "cache_creation.ephemeral_5m_input_tokens",
    "cache_write_1h": "cache_creation.ephemeral_1h_input_tokens",
    "output": "output_tokens",
}


def test_each_type_has_one_name_which_is_that_of_its_counter() -> None:
    count = TokenCounts(uncached_input=1, cache_read=2, cache_write_5m=3, cache_write_1h=4, output=5)
    assert {token_type.value: number for token_type, number in count.items()} == {
        "uncached_input": 1,
        "cache_read": 2,
        "cache_write_5m": 3,
        "cache_write_1h": 4,
        "output": 5,
    }
    assert count.only(TokenType.CACHE_WRITE_1H) == TokenCounts(cache_write_1h=4)
    assert count.total == 15


def test_nothing_adds_up_to_no_tokens() -> None:
    assert total_of([]) == NO_TOKENS
    assert NO_TOKENS.total == 0


@pytest.mark.parametrize(("name", "in_bill"), IN_BILL.items())
def test_the_bill_s_words_are_read_and_given_and_the_one_name_is_written(name: str, in_bill: str) -> None:
    token_type = TokenType(name)
    assert TokenType.of_line(in_bill) is token_type
    assert token_type.in_bill == in_bill
    assert token_type_of_line(in_bill) == name
    assert {name, in_bill, token_type.words} <= set(token_type.spellings)


def test_no_two_types_share_a_spelling() -> None:
    spellings = [spelling for token_type in TokenType for spelling in token_type.spellings]
    assert len(spellings) == len(set(spellings))


@pytest.mark.parametrize("text", [None, "thinking_tokens", ""])
def test_a_type_that_is_new_or_none_is_written_as_it_came(text: str | None) -> None:
    assert TokenType.of_line(text) is None
    assert token_type_of_line(text) == text
