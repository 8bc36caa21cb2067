"""XML from outside: parsed without entities, network or unbounded depth."""

from __future__ import annotations

from lxml import etree

from bot.errors import SourceError

_LATER = "It is asked again at the next round."


def read_xml(body: bytes, host: str) -> etree._Element:
    """The root of a well-formed document. Bytes, since the declaration alone may tell the encoding.

    Raises SourceError.
    """
    try:
        return etree.fromstring(body, _parser(recover=False))
    except (etree.XMLSyntaxError, ValueError) as error:
        raise SourceError(f"{host} did not answer with XML.", _LATER) from error


def salvage_xml(body: bytes, host: str) -> tuple[etree._Element, str]:
    """The root of what can be read, and where it is broken (`line 12: …`), "" where it is well formed.

    Raises SourceError where nothing can be read.
    """
    try:
        return etree.fromstring(body, _parser(recover=False)), ""
    except (etree.XMLSyntaxError, ValueError) as error:
        root = _salvaged(body)
        if root is None:
            raise SourceError(f"{host} did not answer with XML.", _LATER) from error
        line = error.lineno if isinstance(error, etree.XMLSyntaxError) else 1
        return root, f"line {line}"


def text_of(element: etree._Element | None) -> str:
    """All text in an element, stripped; "" for none."""
    return "" if element is None else "".join(element.itertext()).strip()


def _salvaged(body: bytes) -> etree._Element | None:
    try:
        return etree.fromstring(body, _parser(recover=True))
    except (etree.XMLSyntaxError, ValueError):
        return None


def _parser(*, recover: bool) -> etree.XMLParser:
    return etree.XMLParser(
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
        recover=recover,
    )
