"""One documented output: an expression, what is said to come out of it, and where it is said."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

REFERENCE = "https://developers.google.com/earth-engine/"
REPOSITORIES = "https://github.com/"


@dataclass(frozen=True)
class DocumentedOutput:
    """What a public page says that an expression gives.

    The expressions are this project's own, in the shortest form that shows the same. Where a
    comment on the page drops the brackets of an array of one item, or writes brackets around a
    number, the output here is in the form that the service answers.

    Attributes
    ----------
    function : str
        The function of the service that the page is about.
    expression : str
        A Python expression for the official client with the names of
        :func:`gee_sm.emulator.documented.comparison.evaluate`.
    output : str
        What its ``getInfo`` gives: JSON as the page has it, or ``error:`` and the message.
    page : str
        ``apidocs/...`` and ``guides/...`` of the Earth Engine reference, or ``owner/repository``
        with a file or issue.
    source : str
        ``printed`` beside the code, ``stated`` in the words of the page, or ``recorded`` from the
        live service in a public repository.
    digits : bool
        Whether a number is cut or rounded in print: then it agrees within one unit of the last
        digit printed. Otherwise numbers agree to the rounding of 64 bits.
    disagrees : str
        Why the emulator gives another answer; empty where it agrees.
    """

    function: str
    expression: str
    output: str
    page: str
    source: str = "printed"
    digits: bool = False
    disagrees: str = ""

    @property
    def group(self) -> str:
        """The class of the function."""
        return self.function.partition(".")[0]

    @property
    def address(self) -> str:
        """Where to read it."""
        if self.page.startswith(("apidocs/", "guides/")):
            return REFERENCE + self.page
        return REPOSITORIES + self.page


def outputs(
    function: str,
    page: str,
    found: Mapping[str, str],
    *,
    source: str = "printed",
    digits: bool = False,
    disagrees: str = "",
) -> tuple[DocumentedOutput, ...]:
    """Return the outputs that one page documents.

    Parameters
    ----------
    function, page, source, digits, disagrees
        As the attributes of :class:`DocumentedOutput`, the same for all.
    found : mapping
        Outputs by expression.

    Examples
    --------
    >>> outputs("Number.add", "apidocs/ee-number-add", {"ee.Number(5).add(10)": "15"})[0].address
    'https://developers.google.com/earth-engine/apidocs/ee-number-add'
    """
    return tuple(
        DocumentedOutput(function, expression, output, page, source, digits, disagrees)
        for expression, output in found.items()
    )
