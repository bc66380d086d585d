"""An exception → a page or a text for the developer.

Knows: tracebacks, HTML escaping. Does not know: requests.
"""

import html
import inspect
import traceback
from types import TracebackType

CONTEXT_LINES = 7

_PAGE = """<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<title>{title}</title>
<style>
body {{ font: 15px/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 70rem; padding: 0 1rem;
       color: #1d2129; background: #fff; }}
h1 {{ font-size: 1.3rem; overflow-wrap: anywhere; }}
details {{ border: 1px solid #d5d9e0; border-radius: 6px; margin: .6rem 0; }}
summary {{ padding: .5rem .8rem; cursor: pointer; background: #f4f6f9; overflow-wrap: anywhere; }}
pre {{ margin: 0; padding: .6rem 0; overflow-x: auto; font: 13px/1.6 ui-monospace, monospace; }}
pre span {{ display: block; padding: 0 .8rem; }}
pre .failed {{ background: #fde8e8; }}
</style>
</head>
<body>
<h1>500 Server Error: {title}</h1>
{frames}
<details><summary>Traceback as text</summary><pre><span>{text}</span></pre></details>
</body>
</html>
"""


def render_text(error: BaseException) -> str:
    """The traceback as the interpreter prints it, with causes and contexts."""
    return "".join(traceback.format_exception(error))


def render_html(error: BaseException) -> str:
    """A page with the source around each frame, the innermost first and open. All text is escaped.

    >>> "<script>" in render_html(ValueError("<script>"))
    False
    """
    frames = [] if error.__traceback__ is None else _frames(error.__traceback__)
    title = "".join(traceback.format_exception_only(error)).strip()
    return _PAGE.format(
        title=html.escape(title), frames="\n".join(frames), text=html.escape(render_text(error))
    )


def _frames(start: TracebackType) -> list[str]:
    infos = inspect.getinnerframes(start, CONTEXT_LINES)
    return [_frame(info, is_open=index == 0) for index, info in enumerate(reversed(infos))]


def _frame(info: inspect.FrameInfo, *, is_open: bool) -> str:
    failed = info.index or 0
    first = info.lineno - failed
    lines = "".join(
        _line(first + offset, text, is_failed=offset == failed)
        for offset, text in enumerate(info.code_context or [])
    )
    place = f"<b>{html.escape(info.function)}</b> in {html.escape(info.filename)}, line {info.lineno}"
    return f"<details{' open' if is_open else ''}><summary>{place}</summary><pre>{lines}</pre></details>"


def _line(number: int, text: str, *, is_failed: bool) -> str:
    mark = ' class="failed"' if is_failed else ""
    return f"<span{mark}>{number:5d}  {html.escape(text)}</span>"
