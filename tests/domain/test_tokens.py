from hypothesis import given
from hypothesis import strategies as st

from meterdeck.domain.tokens import NO_TOKENS, TokenCounts, TokenType, total_of

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


def test_each_type_has_a_counter_of_its_own_and_the_name_of_the_bill() -> None:
    count = TokenCounts(uncached_input=1, cache_read=2, cache_write_5m=3, cache_write_1h=4, output=5)
    assert {token_type.value: number for token_type, number in count.items()} == {
        "uncached_input_tokens": 1,
        "cache_read_input_tokens": 2,
        "cache_creation.ephemeral_5m_input_tokens": 3,
        "cache_creation.ephemeral_1h_input_tokens": 4,
        "output_tokens": 5,
    }
    assert count.only(TokenType.CACHE_WRITE_1H) == TokenCounts(cache_write_1h=4)
    assert count.total == 15


def test_nothing_adds_up_to_no_tokens() -> None:
    assert total_of([]) == NO_TOKENS
    assert NO_TOKENS.total == 0
