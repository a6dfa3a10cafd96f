"""A wire between two servers: passes requests on, one after the other, and shows them to a test.

Wire(target)   listens at `url`; `target` is asked for its `url` at each request, so it may be restarted
before, after  called with (number, Passing) when a request came, resp. when its answer came and nobody has it yet;
               what they do to the passing's bytes is what goes on. An exception cuts the connection
"""

import socket
import threading
import urllib.parse


class Passing:
    """A request on its way: its parts, and its bytes as they go on; its answer, once it came."""

    def __init__(self, head, body):
        self.head, self.body, self.answer = head, body, b''
        self.method, self.path = head.split(b'\r\n')[0].decode().split(' ')[:2]


class Wire:
    def __init__(self, target=None):
        self.target = target
        self.before = self.after = None
        self.passed = []  # every request that came
        self.listener = socket.create_server(('127.0.0.1', 0))
        self.url = f'http://127.0.0.1:{self.listener.getsockname()[1]}'
        threading.Thread(target=self.accept, daemon=True).start()

    def close(self):
        self.listener.close()

    def accept(self):
        while True:
            try:
                client, _ = self.listener.accept()
            except OSError:
                return
            threading.Thread(target=self.serve, args=(client,), daemon=True).start()

    def serve(self, client):
        with client:
            try:
                while (read := self.message(client)) is not None:
                    client.sendall(self.pass_on(Passing(*read)))
            except (OSError, ConnectionError, RuntimeError):
                pass

    def pass_on(self, passing):
        number = len(self.passed)
        self.passed.append(passing)
        if self.before:
            self.before(number, passing)
        netloc = urllib.parse.urlsplit(self.target.url)
        with socket.create_connection((netloc.hostname, netloc.port), timeout=240) as server:
            server.sendall(passing.head + passing.body)
            answer = self.message(server)
        if answer is None:
            raise ConnectionError('no answer')
        passing.answer = b''.join(answer)
        if self.after:
            self.after(number, passing)
        return passing.answer

    @staticmethod
    def message(connection):
        """Head and body of the next one; None at the end."""
        data = b''
        while b'\r\n\r\n' not in data:
            more = connection.recv(1 << 16)
            if not more:
                return None
            data += more
        end = data.index(b'\r\n\r\n') + 4
        head, body = data[:end], data[end:]
        size = 0
        for line in head.lower().split(b'\r\n'):
            if line.startswith(b'content-length:'):
                size = int(line.split(b':')[1])
        if b'expect: 100-continue' in head.lower():
            raise ConnectionError('nobody asked for that')
        while len(body) < size:
            more = connection.recv(1 << 20)
            if not more:
                return None
            body += more
        return head, body
