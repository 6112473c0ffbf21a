"""A wire between browser and station that can be cut or frozen: a TCP relay on a free port of the loopback."""

import random
import select
import socket
import struct
import threading
from urllib.parse import urlsplit


class Wire:
    """Relays to `target`, the station's base URL. Speaks no HTTP: what is cut is cut anywhere."""

    def __init__(self, target):
        parts = urlsplit(target)
        self.target = (parts.hostname, parts.port or 80)
        self.pairs = {}
        self.lock = threading.Lock()
        self.flows = threading.Event()
        self.flows.set()
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self.listener.getsockname()[1]}"
        self.is_open = True
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self):
        self.is_open = False
        self.flows.set()
        self.listener.close()
        self.cut()

    def cut(self):
        """Resets every connection that is open now, by RST as a pulled cable's end does. Returns how many."""
        with self.lock:
            ends = [end for pair in self.pairs.values() for end in pair]
            count = len(self.pairs)
            self.pairs = {}
        for end in ends:
            try:
                end.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            except OSError:
                pass
            try:
                end.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass
            end.close()
        return count

    def freeze(self):
        """Lets nothing through any more, and tells nobody."""
        self.flows.clear()

    def thaw(self):
        self.flows.set()

    def _accept(self):
        while self.is_open:
            try:
                near, _ = self.listener.accept()
            except OSError:
                return
            try:
                far = socket.create_connection(self.target, 5)
            except OSError:
                near.close()
                continue
            with self.lock:
                self.pairs[near] = (near, far)
            threading.Thread(target=self._relay, args=(near, far), daemon=True).start()

    def _relay(self, near, far):
        try:
            while True:
                ready, _, _ = select.select([near, far], [], [], 1)
                for end in ready:
                    # Small random pieces, so that events are cut in their middle.
                    data = end.recv(random.choice((64, 700, 65536)))
                    if not data:
                        return
                    self.flows.wait()
                    (far if end is near else near).sendall(data)
        except (OSError, ValueError):
            pass
        finally:
            with self.lock:
                self.pairs.pop(near, None)
            for end in (near, far):
                try:
                    end.close()
                except OSError:
                    pass
