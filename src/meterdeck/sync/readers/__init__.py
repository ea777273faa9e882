"""One reader for each feed: decides what is due, reads it, stores it. A reader knows no timers."""

from meterdeck.sync.intake import Intake
from meterdeck.sync.plan import Feed
from meterdeck.sync.readers.base import Outcome, Reader, Sources
from meterdeck.sync.readers.check import CheckReader
from meterdeck.sync.readers.costs import CostsReader
from meterdeck.sync.readers.directory import DirectoryReader
from meterdeck.sync.readers.hours import HoursReader
from meterdeck.sync.readers.live import LiveReader
from meterdeck.sync.readers.minutes import MinutesReader
from meterdeck.sync.readers.mix import MixReader
from meterdeck.sync.readers.on_demand import OnDemandReader

__all__ = ["CostsReader", "MinutesReader", "OnDemandReader", "Outcome", "Reader", "Sources", "all_readers"]


def all_readers(sources: Sources, intake: Intake) -> dict[Feed, Reader]:
    """One reader for each feed, in the order in which a first fill should run."""
    kinds = (
        LiveReader,
        HoursReader,
        CostsReader,
        MixReader,
        CheckReader,
        DirectoryReader,
        MinutesReader,
        OnDemandReader,
    )
    return {kind.feed: kind(sources, intake) for kind in kinds}
