"""A TCP proxy between the server and one upstream that makes the weather: what it does to connections and answers is drawn by lot."""
import asyncio
import random
import threading

CALM, SLOW, DRIBBLE, CUT, LYING, SILENT, FLAPPING, GONE = (
    "calm", "slow", "dribble", "cut", "lying", "silent", "flapping", "gone")
BAD = (SLOW, DRIBBLE, CUT, LYING, SILENT, FLAPPING, GONE)

# Answers of an HTTP server that is not who it should be. Bodies that are believed by nobody who looks at them.
PAGE = b"<!doctype html><html><head><title>Sign in</title></head><body>login</body></html>"
LIES = [
    b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: %d\r\n\r\n%s" % (len(PAGE), PAGE),
    b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 0\r\n\r\n",
    b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n[]",
    b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 4\r\n\r\nnull",
    b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 14\r\n\r\n{\"data\":[{\"tra",
    b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 900\r\n\r\n{\"data\":[",
    b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nffffffffffffffff\r\n",
    b"HTTP/1.1 500 Internal Server Error\r\nContent-Length: 5\r\n\r\npanic",
    b"HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\n\r\n",
    b"HTTP/1.1 503 Service Unavailable\r\nRetry-After: 1\r\nContent-Length: 0\r\n\r\n",
    b"HTTP/1.1 429 Too Many Requests\r\nRetry-After: 1\r\nContent-Length: 0\r\n\r\n",
    b"HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/login\r\nContent-Length: 0\r\n\r\n",
    b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 7\r\n\r\nnotgzip",
    b"HTTP/1.1 99999 ?\r\n\r\n",
    b"SSH-2.0-OpenSSH_9.2\r\n",
    b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
    b"\x00" * 64,
    b"HTTP/1.1 200 OK\r\n" + b"X-Long: " + b"a" * 70_000 + b"\r\n\r\n",
]


class Weather:
    """Serves on `port` until stop(); `set` changes what becomes of new and of open connections."""

    def __init__(self, upstream_port, seed):
        self.upstream_port = upstream_port
        self.lots = random.Random(seed)
        self.state = CALM
        self.open = set()
        self.loop = asyncio.new_event_loop()
        ready = threading.Event()
        self.thread = threading.Thread(target=self._run, args=(ready,), daemon=True)
        self.thread.start()
        ready.wait(10)

    def set(self, state):
        """Connections of before stay; those that hang are let go."""
        before, self.state = self.state, state
        if state == GONE or before in (SILENT, GONE):
            self.loop.call_soon_threadsafe(self._abort_all)

    def stop(self):
        self.loop.call_soon_threadsafe(self.loop.stop)
        self.thread.join(10)

    def _run(self, ready):
        asyncio.set_event_loop(self.loop)
        self.server = self.loop.run_until_complete(asyncio.start_server(self._serve, "127.0.0.1", 0))
        self.port = self.server.sockets[0].getsockname()[1]
        ready.set()
        self.loop.run_forever()
        self.server.close()
        tasks = asyncio.all_tasks(self.loop)
        for task in tasks:
            task.cancel()
        self.loop.run_until_complete(asyncio.gather(*tasks, return_exceptions=True))
        self.loop.close()

    def _abort_all(self):
        for writer in list(self.open):
            writer.transport.abort()

    async def _serve(self, reader, writer):
        self.open.add(writer)
        upstream = None
        try:
            if self.state == GONE or (self.state == FLAPPING and self.lots.random() < 0.5):
                writer.transport.abort()
                return
            if self.state == LYING:
                await asyncio.wait_for(reader.read(65536), 5)
                writer.write(self.lots.choice(LIES))
                await writer.drain()
                return
            from_upstream, upstream = await asyncio.open_connection("127.0.0.1", self.upstream_port)
            self.open.add(upstream)
            sending = asyncio.ensure_future(self._pass(reader, upstream, whole=True))
            try:
                await self._pass(from_upstream, writer, whole=False)
            finally:
                sending.cancel()
        except (OSError, asyncio.TimeoutError, asyncio.IncompleteReadError):
            writer.transport.abort()
        finally:
            for end in (writer, upstream):
                if end is not None:
                    self.open.discard(end)
                    end.close()

    async def _pass(self, reader, writer, whole):
        while data := await reader.read(65536):
            if not whole:
                data = await self._spoil(data, writer)
                if data is None:
                    return
            writer.write(data)
            await writer.drain()

    async def _spoil(self, data, writer):
        """What of an answer goes on at once; None: the connection ends here."""
        state = self.state
        if state == SLOW:
            await asyncio.sleep(self.lots.uniform(0.05, 0.6))
        elif state == DRIBBLE:
            end = self.loop.time() + 1.5
            while data and self.loop.time() < end and self.state == DRIBBLE:
                size = self.lots.randint(1, 64)
                writer.write(data[:size])
                data = data[size:]
                await writer.drain()
                await asyncio.sleep(0.002)
        elif state == SILENT:
            await asyncio.sleep(3600)
        elif state in (CUT, LYING, FLAPPING) and self.lots.random() < (0.9 if state == CUT else 0.3):
            writer.write(data[: self.lots.randrange(len(data) + 1)])
            await writer.drain()
            writer.transport.abort()
            return None
        return data
