"""Spoils JSON documents: by structure (values replaced, members dropped, doubled or renamed) and by bytes."""

from __future__ import annotations

import random
import re
from dataclasses import dataclass

_TOKEN = re.compile(rb'"(?:[^"\\]|\\.)*"|[{}\[\]:,]|[^\s{}\[\]:,"]+')

_ODD = rb"""null|true|false|0|-0|1|-1|7|1.0|1e3|1E-7|0.1|1.5|-2.5|9007199254740993|1000000000000000|1000000000000001
18446744073709551616|123456789012345678901234567890|0.30000000000000004|1e400|1e-400|1e9999999999999999999999
1e-9999999999999999999999|NaN|Infinity|-Infinity|""|"0"|"12"|"1e2"|"12.50"|"-3."|"+4"|" 1"|"1_0"|"NaN"|"sNaN"
"Infinity"|"0x10"|"1e31"|"9e19"|"1e-30"|"1e99999999999"|"\u0663"|"\ud800"|"\udc00x"|"\u0000"|"\u001b[2J"|"USD"
"EUR"|"usd"|"claude-opus-4-7"|"wrkspc_1"|"yes"|"no"|"true"|"off"|"0-200k"|"tokens"|[]|{}|[null]|[[]]|[1]|["x"]
{"a":1}|{"type":"x","value":3}|{"type":"workspace","workspace_id":"w"}|{"ephemeral_5m_input_tokens":5}
{"ephemeral_5m_input_tokens":null}|{"ephemeral_1h_input_tokens":2,"ephemeral_1h_input_tokens":3}
{"web_search_requests":4}|"2026-11-17T00:00:00Z"|"2026-11-17T00:00:00+05:30"|"2026-11-17T00:00:00"|"2026-11-17"
"2026-11-17 24:00:00Z"|"2026-11-17t23:59:60z"|"2026-02-30T00:00:00Z"|"0001-01-01T00:00:00+23:59"
"9999-12-31T23:59:59-23:59"|"2026-11-17T00:00:00.123456789Z"|"1763337600"|1763337600|1763337600000|-62135596801
1.5e9|"2026-11-17T00:00:00-00:00"|"P1D"|"12:00:00Z"|"now"|-1e30|1e30|"18446744073709551616\""""
ODD_VALUES = (
    *_ODD.replace(b"\n", b"|").split(b"|"),
    *(b"[" * 300, b"9" * 5000, b"[" * 300 + b"]" * 300, b'"\xff"', b'"\xed\xa0\x80"', b'"\xe2\x88\x92"'),
)
"""Values that parsers stumble over: at the edges of numbers, times, text and nesting."""

ODD_KEYS = tuple(
    rb"""data has_more next_page last_id results starting_at ending_at amount currency uncached_input_tokens
cache_read_input_tokens output_tokens cache_creation cache_creation_5m_input_tokens cache_creation_1h_input_tokens
cache_creation_input_tokens server_tool_use web_search_requests ephemeral_5m_input_tokens
ephemeral_1h_input_tokens id name status scope type workspace_id models limits value org_limit expires_at
archived_at error message request_id model \ud800 constructor""".split()
)
_BYTES = (
    *(bytes([byte]) for byte in b'{}[]:,"\\0123456789.eE+-tfnu \n\0\x7f\x80\xff'),
    *(b"\xef\xbb\xbf", b"\xff\xfe", b"\xed\xa0\x80", b"\\ud800", b"null", b"1e999", b"//", b"[[[[", b'""'),
)


@dataclass(frozen=True)
class Seed:
    """A document in tokens, with where each value, and each member of an object, begins and ends."""

    tokens: tuple[bytes, ...]
    values: tuple[tuple[int, int], ...]
    members: tuple[tuple[int, int], ...]


def seed_of(document: bytes) -> Seed:
    """Find the parts of a JSON document; its blanks are left out."""
    tokens = _TOKEN.findall(document)
    values: list[tuple[int, int]] = []
    members: list[tuple[int, int]] = []

    def value(at: int) -> int:
        end = at + 1
        if tokens[at] in {b"{", b"["}:
            is_object = tokens[at] == b"{"
            while tokens[end] not in {b"}", b"]"}:
                begin = end + (tokens[end] == b",")
                end = value(begin + 2 if is_object else begin)
                if is_object:
                    members.append((begin, end))
            end += 1
        values.append((at, end))
        return end

    value(0)
    return Seed(tuple(tokens), tuple(values), tuple(members))


class Mutator:
    """An endless supply of spoiled documents, the same for the same seed number."""

    def __init__(self, documents: list[bytes], number: int) -> None:
        self._seeds = [seed_of(document) for document in documents]
        self._random = random.Random(number)

    def next(self) -> bytes:
        """Another document: most are still JSON, for those go deepest."""
        lot = self._random.random
        seed = self._seeds[int(lot() * len(self._seeds))]
        tokens = list(seed.tokens)
        before = len(tokens)
        for _ in range(1 + int(lot() * 3)):
            self._spoil_structure(seed, tokens, before)
            if len(tokens) != before:  # what we know of the parts holds no more
                break
        body = b"".join(tokens)
        if lot() < 0.3:
            for _ in range(1 + int(lot() * 3)):
                body = self._spoil_bytes(body)
        return body

    def _spoil_structure(self, seed: Seed, tokens: list[bytes], before: int) -> None:
        lot = self._random.random
        choice = lot()
        if choice < 0.5:
            # Most often a leaf, in place of which the other parts stay where they are.
            begin, end = seed.values[int(lot() * len(seed.values))]
            tokens[begin:end] = [ODD_VALUES[int(lot() * len(ODD_VALUES))]]
            return
        begin, end = seed.members[int(lot() * len(seed.members))]
        if choice < 0.6:
            tokens[begin] = b'"' + ODD_KEYS[int(lot() * len(ODD_KEYS))] + b'"'
        elif choice < 0.72:
            last = tokens[end] == b"}"
            first = tokens[begin - 1] == b"{"
            tokens[begin - (last and not first) : end + (not last)] = []
        elif choice < 0.84:
            key = b'"' + ODD_KEYS[int(lot() * len(ODD_KEYS))] + b'"' if lot() < 0.5 else tokens[begin]
            tokens[begin:begin] = [key, b":", ODD_VALUES[int(lot() * len(ODD_VALUES))], b","]
        elif choice < 0.92:
            tokens[end:end] = [b",", tokens[begin], b":", ODD_VALUES[int(lot() * len(ODD_VALUES))]]
        else:
            other, beyond = seed.values[int(lot() * len(seed.values))]
            tokens[begin + 2 : end] = seed.tokens[other:beyond]

    def _spoil_bytes(self, body: bytes) -> bytes:
        lot = self._random.random
        at = int(lot() * (len(body) + 1))
        choice = lot()
        if choice < 0.4:
            return body[:at] + _BYTES[int(lot() * len(_BYTES))] + body[at:]
        if choice < 0.7:
            return body[:at] + _BYTES[int(lot() * len(_BYTES))] + body[at + 1 :]
        if choice < 0.85:
            return body[:at] + body[at + 1 + int(lot() * 8) :]
        if choice < 0.92:
            return body[:at]
        if choice < 0.97:
            return body[:at] + body[max(0, at - int(lot() * 40)) :]
        return body.decode("utf-8", "replace").encode("utf-16" if lot() < 0.5 else "utf-8-sig")
