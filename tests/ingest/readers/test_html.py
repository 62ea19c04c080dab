"""HTML: the text that a browser would show, written block by block."""

import html
import re
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.readers.base import Parsed
from ingest.readers.html import HtmlReader
from ingest.readers.nesting import MAX_OPEN, shallow
from tests.ingest.texts import characters


def read(page: str) -> Parsed:
    """Read a page."""
    return HtmlReader().read(page.encode(), "a.html")


def shown(page: str) -> str:
    """Read a page and give its text."""
    return read(page).text


@pytest.mark.parametrize(
    ("page", "text"),
    [
        ("<p>One\n  two <b>three</b>four</p>five", "One two threefour\nfive"),
        ("<p> a <i> b</i> c </p>", "a b c"),
        ("a<br>b<br> <br>c", "a\nb\nc"),
        ("<ul><li>one<li>two<ul><li>three</ul></ul>", "one\ntwo\nthree"),
        ("<table><tr><th>a<th>b<tr><td>1<td>2</table>", "a | b\n1 | 2"),
        ("<pre>\n  a\n\n b \n</pre>c", "  a\n\n b \n\nc"),
        ("<pre><span>a</span>\n<span>b</span></pre>", "a\nb"),
        ("<pre> </pre>c", "c"),
        ("a&nbsp;b &lt;c&gt; &#128075;", "a\xa0b <c> 👋"),
        ("<div>a<div>b</div>c</div>", "a\nb\nc"),
    ],
)
def test_a_page_is_written_as_a_browser_shows_it(page: str, text: str) -> None:
    """White space collapses but in a listing, and each block stands on a line of its own."""
    assert shown(page) == text


@pytest.mark.parametrize(
    "hidden",
    [
        "<script>no</script>",
        "<style>no</style>",
        "<template><p>no</template>",
        "<noscript><p>no</p></noscript>",
        "<p hidden>no</p>",
        "<p aria-hidden=true>no</p>",
        "<p style='color: red; DISPLAY : none'>no</p>",
        "<p style='visibility:hidden'>no <b>no</b></p>",
        "<p style='position:absolute; left:-9999px'>no</p>",
        "<p style='TOP : -1000.5em'>no</p>",
        "<p style='text-indent:-9999px;'>no</p>",
        "<p style='opacity:0'>no</p>",
        "<p style='opacity: .0 !important; color: red'>no</p>",
        "<p style='font-size:0'>no <b>no</b></p>",
        "<p style='font-size: 0.0px; color: red'>no <b style='font-size:2em'>no</b></p>",
        "<!-- no -->",
        "<iframe>no</iframe>",
        "<svg><title>no</title></svg>",
    ],
)
def test_what_a_browser_does_not_show_is_left_out(hidden: str) -> None:
    """Scripts, styles and hidden elements are no text."""
    assert shown(f"<title>t</title><p>a</p>{hidden}<p>b</p>") == "a\nb"


def test_what_can_be_found_on_the_page_is_kept() -> None:
    """`until-found` hides a section only until somebody searches it; an empty style hides nothing."""
    assert shown("<p hidden=until-found>a</p><p style>b</p><p aria-hidden=false>c</p>") == "a\nb\nc"


@pytest.mark.parametrize(
    "style",
    ["left:-9px", "top:-999px", "margin:0;left:9999px", "--left:-9999px", "opacity:0.5", "opacity:.05", "opacity:01",
     "fill-opacity:0", "font-size:0.9em", "font-size:.5px", "font-size:0;font-size:9px", "font-size:0;font:9px x"],
)  # fmt: skip
def test_what_a_style_makes_small_or_moves_a_little_is_kept(style: str) -> None:
    """Only what is nowhere to be seen is hidden."""
    assert shown(f"<p style='{style}'>a</p>") == "a"


@pytest.mark.parametrize("size", ["style='font-size:13px'", "style='font:13px x'", "class=words"])
def test_text_of_no_size_ends_at_an_element_with_a_size_of_its_own(size: str) -> None:
    """Mails and rows of boxes are written so."""
    assert shown(f"<div style='font-size:0px'>no<div {size}>a<b>b</b></div>no</div>c") == "ab\nc"


def test_headings_and_listings_are_blocks_of_their_kind() -> None:
    """A heading has the level of its element."""
    parsed = read("<h1>One <i>x</i></h1>text<h3>Three</h3><pre>code</pre>")
    assert [(b.kind, b.level, b.span.of(parsed.text)) for b in parsed.blocks] == [
        ("heading", 1, "One x"),
        ("prose", 0, "text"),
        ("heading", 3, "Three"),
        ("code", 0, "code"),
    ]


@pytest.mark.parametrize(
    ("page", "title"),
    [
        ("<title> A\n&amp; B </title><h1>H</h1>x", "A & B"),
        ("<title></title><h2>H <i>i</i></h2>x", "H i"),
        ("<p>x", ""),
    ],
)
def test_a_page_is_named_by_its_title_or_its_first_heading(page: str, title: str) -> None:
    """Without either, the file's name is left to name it."""
    assert read(page).title == title


def test_a_declared_charset_is_obeyed() -> None:
    """A page may be in another encoding than UTF-8."""
    page = "<meta http-equiv='Content-Type' content='text/html; charset=windows-1252'><p>caf\xe9 \x93quoted\x94"
    assert HtmlReader().read(page.encode("latin-1"), "a.html").text == "café “quoted”"


def test_an_empty_page_has_no_blocks() -> None:
    """A page may show nothing."""
    assert read("<title>t</title>").blocks == ()


@given(st.lists(st.text(characters)))
def test_paragraphs_are_kept_whole(paragraphs: list[str]) -> None:
    """Any text that is escaped into a page comes out again, but for the white space that a browser collapses."""
    page = "<!doctype html>" + "".join(f"<p>{html.escape(words)}</p>" for words in paragraphs) + "<p>end"
    parsed = read(page)
    expected = [re.sub(r"[ \t\n\r\f]+", " ", words).strip() for words in paragraphs]
    assert [block.span.of(parsed.text) for block in parsed.blocks] == [*filter(None, expected), "end"]


def test_absurd_nesting_is_flattened_and_loses_no_text() -> None:
    """Deep elements become line breaks, what is not too deep stays as it was."""
    deep = MAX_OPEN + 3
    flat = shallow("<div>" * deep + "x" + "</div>" * deep)
    assert flat.count("<br>") == flat.count("</br>") == 3
    many = "".join(f"<x-{n}>" for n in range(deep))
    assert shallow(many).count("<br>") == 3
    assert shallow("<b>" * deep + "</b>" * deep).count("</br>") == 3
    assert shallow("<p>a</p></div><p>b") == "<p>a</p></div><p>b"


@pytest.mark.parametrize(
    ("piece", "replaced"),
    [("<div><span></div>", 0), ("<svg><path/></svg>", 0), ("<x><div></x>", 1), ("<div><table></div>", 1)],
)
def test_an_element_is_open_for_as_long_as_a_parser_keeps_it_open(piece: str, replaced: int) -> None:
    """The end of an element ends what is in it, but not through a block or a table."""
    assert ("<br" in shallow(piece * 1_000)) == replaced


MANY = "<div>" * (MAX_OPEN + 1)


@pytest.mark.parametrize(
    "page",
    [f"<script>{MANY}</script>", f"<script>'{MANY}' </scripts></SCRIPT >", f"<style>{MANY}</style>", f"<!--{MANY}-->",
     f"<!-->{MANY[:5]}<!--{MANY}--!></div>", f"<p title='{MANY}'></p>", f"<title>{MANY}</title>",
     f"<svg><title/><style>{MANY}</style></svg>", f"<iframe>{MANY}</iframe>"],
)  # fmt: skip
def test_what_only_looks_like_a_tag_is_not_counted(page: str) -> None:
    """Comments, scripts and attributes may hold any number of tags: what is hidden stays so, a heading stays one."""
    parsed = read(f"{page}<div hidden>never seen</div><h1>Head</h1>")
    assert (parsed.text, [block.kind for block in parsed.blocks]) == ("Head", ["heading"])


@pytest.mark.parametrize(
    ("page", "text"),
    [
        ("<textarea>a <b> &amp; <!-- c --></textarea>", "a <b> & <!-- c -->"),
        ("<xmp>a <b> &amp;</xmp>c</xmp>", "a <b> &amp;\nc"),
        ("<plaintext>a <b> &amp;</plaintext>", "a <b> &amp;</plaintext>"),
        ("<svg><text><![CDATA[a <b> &amp;]]></text></svg><![CDATA[c>d", "a <b> &amp;d"),
        ("<svg><title/><text>a</text></svg>b", "ab"),
        ("a <<!-- no -->b> c", "a <b> c"),
        ("a<!-- never closed <p>", "a"),
    ],
)
def test_text_that_looks_like_a_tag_is_kept_where_a_browser_shows_it(page: str, text: str) -> None:
    """Some elements hold text and no elements."""
    assert shown(page) == text


@pytest.mark.parametrize("tags", ["".join(f"<x{n}>" for n in range(10_000)), "<svg>" + "<td>" * 10_000])
def test_check_23_ten_thousand_open_elements_of_any_names_are_read_in_a_second(tags: str) -> None:
    """Depth is bounded whatever the elements are called. Processor time, not the clock's."""
    page = tags + "</y>" * 10_000 + "deep"
    start = time.process_time()
    assert shown(page).endswith("deep")
    assert time.process_time() - start < 1


@pytest.mark.parametrize(
    "page",
    ["<a><p>" * 20_000 + "deep", "<div><table></div>" * 20_000 + "</table>deep",
     "<div>" * 50_000 + "deep", "<ul><li>" * 50_000 + "deep", "<b>" * 50_000 + "deep", "<b><p>" * 20_000 + "deep",
     "<p>deep" * 50_000, "&" * 1_000_000 + "deep", "<" * 1_000_000 + " deep", "<a b='" * 100_000 + "'>deep",
     "<ul><li><!--</ul>-->" * 40_000 + "deep", "<ul><li><a title='</ul>'></a>" * 40_000 + "deep",
     "<ul><li><xmp></ul></xmp>" * 40_000 + "deep", "<ul><li><select></ul></select>" * 40_000 + "deep",
     "<ul><li><svg><p><style></ul></style></svg>" * 40_000 + "deep", "deep" + "<!--" * 200_000,
     "deep" + "<script>" * 100_000, "<textarea>" * 50_000 + "deep"],
)  # fmt: skip
def test_pathological_pages_are_read_in_bounded_time(page: str) -> None:
    """Neither depth nor unclosed elements cost more than in proportion to their number, or exhaust the stack."""
    start = time.process_time()
    assert shown(page).endswith("deep")
    assert time.process_time() - start < 4
