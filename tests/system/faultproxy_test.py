#!/usr/bin/env python3
"""faultproxy_test - each fault of the proxy takes place, and ends when it is switched off."""
import contextlib
import socket
import threading
import time

from lib import scenario
from lib.faultproxy import FaultProxy, Link


@contextlib.contextmanager
def echo_server():
    """Sends back what it gets, until the client is done."""
    listener = socket.create_server(('127.0.0.1', 0))

    def serve(sock):
        with sock, contextlib.suppress(OSError):
            while data := sock.recv(65536):
                sock.sendall(data)

    def accept():
        with contextlib.suppress(OSError):
            while True:
                threading.Thread(target=serve, args=(listener.accept()[0],), daemon=True).start()

    threading.Thread(target=accept, daemon=True).start()
    try:
        yield listener.getsockname()
    finally:
        listener.close()


@contextlib.contextmanager
def line():
    with echo_server() as target, FaultProxy(target) as proxy:
        yield proxy


def connect(proxy, timeout=5):
    return socket.create_connection((proxy.host, proxy.port), timeout)


def ask(sock, data):
    sock.sendall(data)
    answer = b''
    while len(answer) < len(data):
        more = sock.recv(65536)
        if not more:
            break
        answer += more
    return answer


def is_broken(sock):
    try:
        return sock.recv(1) == b''
    except socket.timeout:
        return False
    except OSError:
        return True


def test_passes_bytes_both_ways():
    data = bytes(range(256)) * 4000
    with line() as proxy, connect(proxy) as sock:
        sender = threading.Thread(target=sock.sendall, args=(data,))
        sender.start()
        answer = b''
        while len(answer) < len(data):
            answer += sock.recv(65536)
        sender.join()
        assert answer == data
        assert proxy.link.connections == 1
        assert proxy.link.bytes_up == proxy.link.bytes_down == len(data)


def test_end_of_stream_passes():
    with line() as proxy, connect(proxy) as sock:
        sock.sendall(b'last words')
        sock.shutdown(socket.SHUT_WR)
        answer = b''
        while more := sock.recv(100):
            answer += more
        assert answer == b'last words'


def test_delay_is_added_each_way():
    with line() as proxy, connect(proxy) as sock:
        proxy.link.delay_s = 0.2
        began = time.monotonic()
        assert ask(sock, b'x') == b'x'
        assert time.monotonic() - began >= 0.4  # a lower bound only: never faster than the fault


def test_rate_is_a_limit():
    with line() as proxy, connect(proxy) as sock:
        proxy.link.rate = 20000
        began = time.monotonic()
        assert ask(sock, bytes(8000)) == bytes(8000)
        assert time.monotonic() - began >= 0.3


def test_cut_after_exactly_so_many_bytes():
    with line() as proxy:
        proxy.link.cut_after = 1000
        with connect(proxy) as sock:
            sock.sendall(bytes(5000))
            got = 0
            with contextlib.suppress(OSError):
                while more := sock.recv(65536):
                    got += len(more)
            assert proxy.link.bytes_total == 1000 and proxy.link.cuts == 1 and got <= 1000
        proxy.link.cut_after = 0
        with connect(proxy) as sock:
            assert ask(sock, bytes(5000)) == bytes(5000)


def test_cut_in_happens_once():
    with line() as proxy:
        proxy.link.cut_in = 10
        with connect(proxy) as sock:
            sock.sendall(bytes(100))
            assert is_broken(sock)
        with connect(proxy) as sock:
            assert ask(sock, bytes(100)) == bytes(100)
        assert proxy.link.cuts == 1


def test_refuse_ends_open_and_new_connections():
    with line() as proxy, connect(proxy) as sock:
        assert ask(sock, b'before') == b'before'
        proxy.link.mode = 'refuse'
        assert is_broken(sock)
        with connect(proxy) as second:
            assert is_broken(second)
        proxy.link.mode = 'pass'
        with connect(proxy) as third:
            assert ask(third, b'after') == b'after'


def test_blackhole_is_silent_and_then_delivers():
    with line() as proxy, connect(proxy) as sock:
        assert ask(sock, b'before') == b'before'
        proxy.link.mode = 'blackhole'
        sock.sendall(b'during')
        sock.settimeout(0.3)
        assert not is_broken(sock)
        with connect(proxy, 0.3) as second:
            second.sendall(b'new')
            assert not is_broken(second)
            proxy.link.mode = 'pass'
            sock.settimeout(5)
            second.settimeout(5)
            assert sock.recv(100) == b'during' and second.recv(100) == b'new'


def test_portal_answers_in_plain_text():
    with line() as proxy:
        proxy.link.mode = 'portal'
        with connect(proxy) as sock:
            sock.sendall(b'\x16\x03\x01 a TLS hello')
            answer = b''
            while more := sock.recv(65536):
                answer += more
        head, body = answer.split(b'\r\n\r\n', 1)
        assert head.startswith(b'HTTP/1.1 200') and b'log in' in body
        assert f'Content-Length: {len(body)}'.encode() in head
        assert proxy.link.bytes_total == 0


def test_cut_now_resets_what_is_open():
    with line() as proxy, connect(proxy) as sock:
        assert ask(sock, b'before') == b'before'
        proxy.cut_now()
        assert is_broken(sock)


def test_connect_proxy_has_a_link_per_destination():
    with echo_server() as one, echo_server() as two:
        links = {one[1]: Link(), two[1]: Link()}
        with FaultProxy(find_link=lambda host, port: links[port]) as proxy:
            def tunnel(port):
                sock = connect(proxy)
                sock.sendall(f'CONNECT 127.0.0.1:{port} HTTP/1.1\r\nHost: x\r\n\r\n'.encode())
                assert sock.recv(1000).startswith(b'HTTP/1.1 200')
                return sock

            links[two[1]].mode = 'refuse'
            with tunnel(one[1]) as good, tunnel(two[1]) as bad:
                assert ask(good, b'hello') == b'hello'
                assert is_broken(bad)
            with connect(proxy) as sock:
                sock.sendall(b'GET http://x/ HTTP/1.1\r\n\r\n')
                assert sock.recv(100).startswith(b'HTTP/1.1 405')


if __name__ == '__main__':
    scenario.main(globals())
