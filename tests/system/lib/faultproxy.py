"""faultproxy - a TCP proxy in user space that behaves like a bad line; no root, no netem.

    proxy = FaultProxy(target=('127.0.0.1', hub_port))     # forwards to one place
    proxy = FaultProxy()                                   # answers CONNECT host:port (https_proxy)
    proxy.link.delay_s = 0.3
    proxy.link.mode = 'blackhole'
    proxy.close()

All settings of a Link may be changed while connections are open:

    mode       pass        bytes go through
               refuse      connections end at once, new ones as well
               blackhole   connections are taken and stay open, nothing goes through (half-open);
                           bytes that were sent meanwhile arrive when the mode is `pass` again
               portal      a login page in plain text, status 200, to whoever connects
    delay_s    each way, added to every byte without slowing the flow
    rate       bytes per second each way; 0 = no limit
    cut_after  a connection is reset once so many bytes went through in both directions; 0 = never
    cut_in     like it, but counts over all connections, and only once

The counters (connections, bytes_up, bytes_down, cuts) say whether the fault took place: assert them.
"""
import asyncio
import socket
import struct
import threading

CHUNK = 4096
TICK_S = 0.01
PORTAL_PAGE = b'<html><body>Welcome! Please log in here.</body></html>'
PORTAL = (b'HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nConnection: close\r\nContent-Length: '
          + str(len(PORTAL_PAGE)).encode() + b'\r\n\r\n' + PORTAL_PAGE)


class Link:
    """The condition of one line; several proxies may share it."""

    def __init__(self):
        self.mode = 'pass'
        self.delay_s = 0.0
        self.rate = 0
        self.cut_after = 0
        self.cut_in = 0
        self.connections = self.bytes_up = self.bytes_down = self.cuts = 0

    @property
    def bytes_total(self):
        return self.bytes_up + self.bytes_down


def _reset(writer):
    """Ends a connection with RST, as a line that breaks does, not with an orderly close."""
    sock = writer.get_extra_info('socket')
    if sock is not None:
        try:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack('ii', 1, 0))
        except OSError:
            pass
    writer.transport.abort()


class _Connection:
    def __init__(self, link, client_reader, client_writer):
        self.link, self.reader, self.writer = link, client_reader, client_writer
        self.server_writer = None
        self.passed = 0
        self.ended = False

    async def run(self, target):
        link = self.link
        link.connections += 1
        while link.mode == 'blackhole' and not self.ended:
            await asyncio.sleep(TICK_S)
        if link.mode == 'refuse' or self.ended:
            return
        if link.mode == 'portal':
            await asyncio.wait_for(self.reader.read(CHUNK), 10)
            self.writer.write(PORTAL)
            await self.writer.drain()
            self.writer.close()
            self.writer = None
            return
        server_reader, self.server_writer = await asyncio.open_connection(*target)
        up, down = asyncio.Queue(256), asyncio.Queue(256)
        await asyncio.gather(self.take(self.reader, up), self.deliver(up, self.server_writer, True),
                             self.take(server_reader, down), self.deliver(down, self.writer, False))
        if not self.ended:
            self.writer.close()
            self.server_writer.close()
            self.writer = self.server_writer = None

    async def take(self, reader, queue):
        """Reads as fast as the window allows; each chunk is due a delay later.  Ends with b''."""
        chunk = None
        while chunk != b'':
            try:
                chunk = await reader.read(CHUNK)
            except OSError:
                self.end()
                chunk = b''
            await queue.put((asyncio.get_running_loop().time() + self.link.delay_s, chunk))

    async def deliver(self, queue, writer, up):
        """Takes all that comes, to the end; what comes after the connection ended is dropped."""
        loop = asyncio.get_running_loop()
        while True:
            due, chunk = await queue.get()
            while due > loop.time() and not self.ended:
                await asyncio.sleep(min(due - loop.time(), 0.1))
            try:
                if chunk == b'' and not self.ended and writer.can_write_eof():
                    writer.write_eof()
                rest = chunk
                while rest and not self.ended:
                    rest = await self.pass_piece(rest, writer, up)
            except OSError:
                self.end()
            if chunk == b'':
                return

    async def pass_piece(self, chunk, writer, up):
        """Passes some of the chunk on as the link allows; returns the rest."""
        link = self.link
        while link.mode == 'blackhole' and not self.ended:
            await asyncio.sleep(TICK_S)
        if self.ended:
            return b''
        piece = self.bounded(chunk[:max(1, int(link.rate * 0.05))] if link.rate else chunk)
        if piece:
            writer.write(piece)
            await writer.drain()
            self.count(len(piece), up)
        if self.is_over():
            link.cuts += 1
            self.end()
        elif link.rate:
            await asyncio.sleep(len(piece) / link.rate)
        return chunk[len(piece):]

    def bounded(self, piece):
        """No more than is left before the cut, so that the cut is at exactly that byte."""
        if self.link.cut_after:
            piece = piece[:max(0, self.link.cut_after - self.passed)]
        if self.link.cut_in:
            piece = piece[:self.link.cut_in]
        return piece

    def count(self, n, up):
        self.passed += n
        if up:
            self.link.bytes_up += n
        else:
            self.link.bytes_down += n
        if self.link.cut_in:
            self.link.cut_in -= n
            if self.link.cut_in <= 0:
                self.link.cut_in = -1

    def is_over(self):
        if self.link.cut_in < 0:
            self.link.cut_in = 0
            return True
        return bool(self.link.cut_after) and self.passed >= self.link.cut_after

    def end(self):
        self.ended = True
        for writer in (self.writer, self.server_writer):
            if writer is not None:
                _reset(writer)


class FaultProxy:
    """One listening port.  target: where all connections go.  Without it: an HTTP CONNECT proxy, and
    find_link(host, port) may give each destination a Link of its own."""

    def __init__(self, target=None, find_link=None, host='127.0.0.1'):
        self.link = Link()
        self._target, self._find_link = target, find_link
        self._open, self._tasks = set(), set()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        self._server = self._call(asyncio.start_server(self._accept, host, 0))
        self._watcher = asyncio.run_coroutine_threadsafe(self._watch(), self._loop)
        self.host, self.port = self._server.sockets[0].getsockname()[:2]

    @property
    def url(self):
        return f'http://{self.host}:{self.port}'

    def _call(self, coroutine):
        return asyncio.run_coroutine_threadsafe(coroutine, self._loop).result(10)

    async def _watch(self):
        """Ends open connections of a link that has come to refuse."""
        while True:
            await asyncio.sleep(TICK_S)
            for connection in list(self._open):
                if connection.link.mode == 'refuse':
                    connection.end()

    async def _accept(self, reader, writer):
        connection, target = None, self._target
        self._tasks.add(asyncio.current_task())
        try:
            link = self.link
            if target is None:
                target = await self._read_connect(reader, writer)
                if target is None:
                    return
                link = self._find_link(*target) if self._find_link else self.link
            connection = _Connection(link, reader, writer)
            self._open.add(connection)
            await connection.run(target)
        except (OSError, EOFError, asyncio.TimeoutError, asyncio.CancelledError):
            pass  # the line broke: that is what it is for
        finally:
            self._tasks.discard(asyncio.current_task())
            self._open.discard(connection)
            if connection is not None:
                connection.end()
            else:
                _reset(writer)

    @staticmethod
    async def _read_connect(reader, writer):
        head = await asyncio.wait_for(reader.readuntil(b'\r\n\r\n'), 10)
        words = head.split(b'\r\n', 1)[0].split(b' ')
        if len(words) != 3 or words[0] != b'CONNECT' or b':' not in words[1]:
            writer.write(b'HTTP/1.1 405 Only CONNECT\r\nContent-Length: 0\r\n\r\n')
            await writer.drain()
            return None
        writer.write(b'HTTP/1.1 200 Connected\r\n\r\n')
        await writer.drain()
        host, port = words[1].decode().rsplit(':', 1)
        return host.strip('[]'), int(port)

    def cut_now(self):
        """Resets every open connection; new ones are served as the mode says."""
        async def cut():
            for connection in list(self._open):
                connection.link.cuts += 1
                connection.end()
        self._call(cut())

    def close(self):
        async def stop():
            self._server.close()
            self._watcher.cancel()
            for connection in list(self._open):
                connection.end()
            if self._tasks:
                _, late = await asyncio.wait(self._tasks, timeout=1)
                for task in late:  # one that still waits for its CONNECT line
                    task.cancel()
                await asyncio.gather(*late, return_exceptions=True)
            await asyncio.sleep(0)
        self._call(stop())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)
        self._loop.close()

    def __enter__(self):
        return self

    def __exit__(self, *exc):
        self.close()
