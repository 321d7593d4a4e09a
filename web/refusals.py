"""The one exception for everything a page refuses. explain.py turns it into what people see."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from config.languages import N_

HOME = ("/", N_("To the front page"))


@dataclass
class Refused(Exception):
    """A refusal: `code` for programs, `sentence` (English, translated when shown) and the way out for people."""

    code: str
    status: int
    sentence: str
    way_out: tuple[str, str] = HOME  # address, and what its link says (English)
    headers: dict[str, str] = field(default_factory=dict)
    holes: Mapping[str, str | int] = field(default_factory=dict)  # what fills those of the sentence
