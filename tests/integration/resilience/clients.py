"""Clients by the hundred in one thread: HTTP/1.1 by hand, so that they can be as bad as they like."""
import asyncio
import random
import threading
import time
import weakref

from judge import PATIENCE


class Crowd:
    """Clients of one server; `start` adds some of a kind, `stop` ends them all and their connections."""

    def __init__(self, port, judge, seed):
        self.port = port
        self.judge = judge
        self.lots = random.Random(seed)
        self.loop = asyncio.new_event_loop()
        self.tasks = []
        self.writers = weakref.WeakSet()  # of all connections
        self.requests = 0
        self.stopping = False
        self.thread = threading.Thread(target=self._run, daemon=True)
        self.thread.start()

    def start(self, kind, count, **how):
        async def add():
            for number in range(count):
                self.tasks.append(asyncio.ensure_future(getattr(self, "_" + kind)(number, **how)))

        asyncio.run_coroutine_threadsafe(add(), self.loop).result(30)

    def stop(self):
        """Whoever waits for an answer still gets it."""
        self.stopping = True

        async def end():
            busy = [task for task in self.tasks if task.get_name() == "asks"]
            if busy:
                _, hanging = await asyncio.wait(busy, timeout=PATIENCE)
                for _ in hanging:
                    self.judge.see_closed("a question of the busy", f"no answer within {PATIENCE} s")
            for task in self.tasks:
                task.cancel()
            await asyncio.gather(*self.tasks, return_exceptions=True)
            self.tasks = []
            for writer in list(self.writers):
                writer.transport.abort()
            await asyncio.sleep(0)  # the loop closes the sockets then

        asyncio.run_coroutine_threadsafe(end(), self.loop).result(2 * PATIENCE)
        self.loop.call_soon_threadsafe(self.loop.stop)
        self.thread.join(10)

    def _run(self):
        asyncio.set_event_loop(self.loop)
        self.loop.run_forever()
        self.loop.close()

    async def _connect(self):
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port, limit=1 << 26)
        self.writers.add(writer)
        return reader, writer

    async def _busy(self, number, targets, headers=""):
        """Asks one thing after the other; every answer is judged."""
        asyncio.current_task().set_name("asks")
        reader = writer = None
        while not self.stopping:
            target = targets[self.lots.randrange(len(targets))]
            begun = time.monotonic()
            fresh = writer is None
            try:
                if fresh:
                    reader, writer = await self._connect()
                writer.write(f"GET {target} HTTP/1.1\r\nHost: h\r\n{headers}\r\n".encode())
                status, fields, body = await answer_of(reader)
            except (OSError, asyncio.IncompleteReadError, ValueError) as error:
                if fresh:  # a kept connection may have ended while nobody used it
                    self.judge.see_closed(target, repr(error))
                writer = None
                await asyncio.sleep(0.02)
                continue
            self.requests += 1
            self.judge.see(target, status, fields, body, time.monotonic() - begun)
            if fields.get("connection", "").lower() == "close":
                writer.close()
                writer = None
        if writer is not None:
            writer.close()

    async def _idle(self, number):
        """Opens a connection and says nothing; when it is closed, opens another."""
        while not self.stopping:
            try:
                reader, writer = await self._connect()
                await reader.read()
                writer.close()
            except OSError:
                pass
            await asyncio.sleep(0.2)

    async def _slow_reader(self, number, target):
        """Asks for much and takes a little at a time, then leaves in the middle."""
        while not self.stopping:
            try:
                reader, writer = await self._connect()
                writer.write(f"GET {target} HTTP/1.1\r\nHost: h\r\n\r\n".encode())
                for _ in range(self.lots.randint(5, 40)):
                    await reader.read(256)
                    await asyncio.sleep(0.05)
                writer.transport.abort()
            except OSError:
                await asyncio.sleep(0.1)

    async def _leaver(self, number, asks):
        """Asks for this and that, `asks` are (method, target, body), and leaves at any moment: before the answer, inside it, with and
        without a farewell."""
        while not self.stopping:
            writer = None
            try:
                reader, writer = await self._connect()
                for _ in range(self.lots.choice((1, 1, 1, 3))):
                    method, target, body = asks[self.lots.randrange(len(asks))]
                    coding = self.lots.choice(("", "Accept-Encoding: gzip\r\n", "Accept-Encoding: zstd\r\n"))
                    posted = f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n" if body else ""
                    text = f"{method} {target} HTTP/1.1\r\nHost: h\r\n{coding}{posted}\r\n{body or ''}".encode()
                    writer.write(text if self.lots.random() < 0.9 else text[:self.lots.randrange(len(text))])
                    self.requests += 1
                await asyncio.sleep(self.lots.random() * self.lots.choice((0, 0.002, 0.02, 0.2)))
                if self.lots.random() < 0.3:
                    await asyncio.wait_for(reader.read(self.lots.choice((1, 1000, 100_000))), 1)
            except (OSError, asyncio.TimeoutError):
                await asyncio.sleep(0.02)
            finally:
                if writer:
                    (writer.transport.abort if self.lots.random() < 0.5 else writer.close)()

    async def _slow_writer(self, number):
        """Sends a request byte by byte and never ends it."""
        while not self.stopping:
            try:
                _, writer = await self._connect()
                for byte in b"GET /api/traces?service=reviews.bookinfo HTTP/1.1\r\nHost: h\r\nX-Slow: " + b"a" * 4096:
                    writer.write(bytes([byte]))
                    await writer.drain()
                    await asyncio.sleep(0.05)
            except OSError:
                await asyncio.sleep(0.1)

    async def _huge_head(self, number):
        """A head that no server should take: an answer that says so, or the end."""
        head = "GET /api/config HTTP/1.1\r\nHost: h\r\n" + "".join(f"X-{i}: {'a' * 4000}\r\n" for i in range(300)) + "\r\n"
        while not self.stopping:
            try:
                reader, writer = await self._connect()
                writer.write(head.encode())
                status, fields, body = await asyncio.wait_for(answer_of(reader), 20)
                if status == 200:
                    self.judge.see_closed("a head of 1.2 MB", "was taken")
                else:
                    self.judge.see("/api/config", status, fields, body, 0)
                writer.close()
            except (OSError, asyncio.IncompleteReadError, asyncio.TimeoutError, ValueError):
                pass
            await asyncio.sleep(0.05)

    async def _bad_login(self, number):
        """A token that nobody has: 401, and 429 when there are too many."""
        while not self.stopping:
            form = f"token={self.lots.getrandbits(200):x}"
            try:
                reader, writer = await self._connect()
                writer.write((f"POST /api/authenticate HTTP/1.1\r\nHost: h\r\nContent-Type: application/x-www-form-urlencoded\r\n"
                              f"Content-Length: {len(form)}\r\n\r\n{form}").encode())
                status, _, body = await answer_of(reader)
                writer.close()
            except (OSError, asyncio.IncompleteReadError, ValueError):
                await asyncio.sleep(0.05)
                continue
            self.requests += 1
            if status in (401, 429):
                self.judge.outcomes[f"login {status}"] += 1
            else:
                self.judge.see_closed("/api/authenticate", f"{status} {body[:100]}")


async def answer_of(reader):
    """Status, header fields in lower case, body."""
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
    status = int(head[0].split(" ", 2)[1])
    fields = {}
    for line in head[1:]:
        name, _, value = line.partition(":")
        fields[name.lower()] = value.strip()
    if "chunked" in fields.get("transfer-encoding", ""):
        pieces = []
        while size := int((await reader.readuntil(b"\r\n")).split(b";")[0], 16):
            pieces.append(await reader.readexactly(size))
            await reader.readexactly(2)
        await reader.readuntil(b"\r\n")
        return status, fields, b"".join(pieces)
    return status, fields, await reader.readexactly(int(fields.get("content-length", 0)))
