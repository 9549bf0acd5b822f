"""What the HTTP API counts of itself; a label only ever holds a word of ours."""

from prometheus_client import CollectorRegistry, Counter


class WebCounters:
    """Of one process, since it was started."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()

        def counter(name: str, meaning: str, *labels: str) -> Counter:
            return Counter(f"tporder_web_{name}", meaning, labels, registry=self.registry)

        self._requests = counter("requests", "Requests that were answered.", "path", "status")
        self._signals = counter("signals", "Signals that were handed in.", "result", "way")
        self._unread = counter("unread_dropped", "Connections let go because nobody read.")

    def request(self, path: str, status: int) -> None:
        """One was answered; ``path``: as the API names it."""
        self._requests.labels(path, str(status)).inc()

    def signal(self, result: str, *, straight: bool) -> None:
        """One was handed in; ``straight``: to the engine, else into the inbox."""
        self._signals.labels(result, "socket" if straight else "inbox").inc()

    def unread(self) -> None:
        """A connection was let go."""
        self._unread.inc()
