"""The headers that every response carries, errors among them."""

POLICY = {
    # Answers are data for a program: nothing in them may run, be framed, be sniffed as a page or be kept.
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Resource-Policy": "same-origin",
}


def envelope(request_id: str) -> dict[str, str]:
    """Make the headers of one response.

    >>> envelope("b6c1")["X-Request-Id"]
    'b6c1'
    """
    return {**POLICY, "X-Request-Id": request_id}
