"""XML from outside: parsed without entities, network or unbounded depth, and repaired where it cannot be."""

from __future__ import annotations

import codecs
import re

from lxml import etree

from bot.errors import SourceError

_LATER = "It will be retried in the next round."
_REPLACEMENT = "\N{REPLACEMENT CHARACTER}"
_REFERENCE = re.compile(r"&#(?:x([0-9a-fA-F]{1,8})|([0-9]{1,9}));")
# https://www.w3.org/TR/xml/#charsets: what may stand in a document, also as a reference.
_FORBIDDEN = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_PAIR = re.compile("[\ud800-\udbff][\udc00-\udfff]")
_DECLARATION = re.compile(r"\A<\?xml[^>]{0,200}\?>")
_ENCODING = re.compile(rb"\A\s*<\?xml[^>]{0,200}encoding\s*=\s*[\"']([A-Za-z][\w.-]{0,40})[\"']")
_MARKS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))


def read_xml(body: bytes, host: str) -> etree._Element:
    """The root of a document that is well formed, as it is or with its characters repaired.

    Bytes, since the declaration alone may tell the encoding. Raises SourceError.
    """
    root, broken = salvage_xml(body, host)
    if broken:
        raise SourceError(f"{host} did not answer with XML.", _LATER)
    return root


def salvage_xml(body: bytes, host: str) -> tuple[etree._Element, str]:
    """The root of what can be read, and where it is broken (`line 12: …`), "" where nothing is lost.

    Characters and references that XML forbids cost those characters alone. Raises SourceError where nothing
    can be read.
    """
    root = _parse_bytes(body, recover=False)
    if root is not None:
        return root, ""
    repaired = _replace_forbidden(body)
    root = _parse_bytes(repaired, recover=False)
    if root is not None:
        return root, ""
    line = _broken_line(repaired)
    root = _parse_bytes(repaired, recover=True)
    if root is None:
        raise SourceError(f"{host} did not answer with XML.", _LATER)
    return root, f"line {line}"


def text_of(element: etree._Element | None) -> str:
    """All text in an element, stripped; "" for none."""
    return "" if element is None else "".join(element.itertext()).strip()


def _replace_forbidden(body: bytes) -> bytes:
    """The document in UTF-8 from its first sign on, with U+FFFD for each character that XML forbids.

    Only reached where a strict parser refuses: feeds were seen to begin with a blank line, to be UTF-8 under
    a declaration of us-ascii, to hold control characters, and to write an emoji as two references to
    surrogates, which belong together.
    """
    # Python reads no surrogates from UTF-8, whatever writes them there; `replace` leaves U+FFFD.
    text = _decode_body(body).lstrip("\ufeff \t\r\n")
    text = _DECLARATION.sub("", text, count=1)
    text = _REFERENCE.sub(_replace_reference, text)
    text = _PAIR.sub(lambda pair: pair[0].encode("utf-16", "surrogatepass").decode("utf-16"), text)
    return _FORBIDDEN.sub(_REPLACEMENT, text).encode()


def _decode_body(body: bytes) -> str:
    named = _ENCODING.match(body)
    by_mark = next((encoding for mark, encoding in _MARKS if body.startswith(mark)), "")
    for encoding in (by_mark, "utf-8", named[1].decode() if named else ""):
        try:
            return body.decode(encoding) if encoding else body.decode("utf-8")
        except (UnicodeDecodeError, LookupError):
            continue
    return body.decode("utf-8", "replace")


def _replace_reference(match: re.Match[str]) -> str:
    """A reference as it is, or the character that it names where XML forbids that, to be repaired then."""
    number = int(match[1], 16) if match[1] else int(match[2])
    if number > 0x10FFFF:
        return _REPLACEMENT
    return chr(number) if _FORBIDDEN.match(chr(number)) else match[0]


def _parse_bytes(body: bytes, *, recover: bool) -> etree._Element | None:
    try:
        return etree.fromstring(body, _make_parser(recover=recover))
    except (etree.XMLSyntaxError, ValueError):
        return None


def _broken_line(body: bytes) -> int:
    """The line at which a strict parser gives up."""
    try:
        etree.fromstring(body, _make_parser(recover=False))
    except etree.XMLSyntaxError as error:
        return error.lineno or 1
    except ValueError:
        pass
    return 1


def _make_parser(*, recover: bool) -> etree.XMLParser:
    return etree.XMLParser(
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
        recover=recover,
    )
