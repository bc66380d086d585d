"""Where middleware keeps what must outlive a request: sessions, counters, answers.

Knows: the one interface, `Store`, and the store in memory. Does not know: who keeps what.

`fasterapi.stores.redis` has the store that several processes share, `fasterapi.stores.file` the one that
survives a restart without a server; neither is imported before it is asked for.
"""

from fasterapi.stores._protocol import Store
from fasterapi.stores.memory import MemoryStore

__all__ = ["MemoryStore", "Store"]
