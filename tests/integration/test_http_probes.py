"""The HTTP layer as strangers see it: messages from raw sockets, good, bad and worse.

Runs http_probe_server of the build in FOOTFALL_BUILD (default build/asan).
"""

import email.utils
import os
import signal
import socket
import subprocess
import threading
import time

import pytest

from http_probe_client import PATIENCE_S, SERVER, Client, Server
from http_probe_table import CLOSED, REFUSED, SERVED, get, post

HIDDEN = get(b"/hidden")
AFTER = get(b"/path/after", b"Connection: close\r\n")


def table(rows):
    return pytest.mark.parametrize("row", rows, ids=[row[0] for row in rows])


@pytest.fixture(scope="module")
def server():
    with Server() as running:
        yield running
        assert running.stats()["hidden"] == 0, "smuggled requests ran"


def wait_until(is_true):
    deadline = time.monotonic() + PATIENCE_S
    while not is_true():
        assert time.monotonic() < deadline, "it did not happen"
        time.sleep(0.01)


def expect_refusal(client, status):
    answer = client.answer()
    assert answer.status == status
    assert answer.closes
    assert answer.body
    assert client.rest() == b""


def test_the_table_is_as_large_as_promised():
    rows = REFUSED + SERVED + CLOSED
    assert len(rows) >= 90
    assert len({row[0] for row in rows}) == len(rows)


@table(REFUSED)
def test_bad_message_is_refused_and_the_connection_ends(server, row):
    _, message, status = row
    with server.connect() as client:
        client.send(message + HIDDEN)
        expect_refusal(client, status)
    assert server.stats()["hidden"] == 0


# Longer ones are dripped by test_slow_head_…; here each byte is a packet and a turn of the loop.
@table([row for row in REFUSED if len(row[1]) < 2000])
def test_bad_message_byte_by_byte_is_refused_the_same(server, row):
    _, message, status = row
    with server.connect() as client:
        client.send_bytewise(message)
        expect_refusal(client, status)


def expect_answers(client, answers):
    last = None
    for status, body in answers:
        last = client.answer()
        assert last.status == status
        assert body is None or last.body == body
    return last


@table(SERVED)
def test_good_message_is_served_and_the_connection_stays_in_step(server, row):
    _, message, answers = row
    with server.connect() as client:
        client.send(message)
        assert not expect_answers(client, answers).closes
        client.send(AFTER)
        assert client.answer().body == b"/path/after"
        assert client.rest() == b""


@table(SERVED)
def test_good_message_with_another_behind_it_in_one_packet(server, row):
    _, message, answers = row
    with server.connect() as client:
        client.send(message + AFTER)
        expect_answers(client, answers)
        assert client.answer().body == b"/path/after"
        assert client.rest() == b""


@table([row for row in SERVED if len(row[1]) < 2000])
def test_good_message_byte_by_byte_is_served_the_same(server, row):
    _, message, answers = row
    with server.connect() as client:
        client.send_bytewise(message + AFTER)
        expect_answers(client, answers)
        assert client.answer().body == b"/path/after"


@table([row for row in SERVED if len(row[1]) < 400])
def test_good_message_in_two_packets_is_served_the_same(server, row):
    _, message, answers = row
    for cut in range(1, len(message), 7):
        with server.connect() as client:
            client.send(message[:cut])
            client.send(message[cut:] + AFTER)
            expect_answers(client, answers)
            assert client.answer().body == b"/path/after"


@table(CLOSED)
def test_last_answer_says_close_and_the_connection_ends(server, row):
    _, message, answers = row
    with server.connect() as client:
        client.send(message)
        assert expect_answers(client, answers).closes
        assert client.rest() == b""


# --- answers ---------------------------------------------------------------------------------


def test_head_has_the_fields_of_get_but_no_body(server):
    with server.connect() as client:
        client.send(b"HEAD /path/x HTTP/1.1\r\nHost: a\r\n\r\n")
        head = client.answer(is_head=True)
        client.send(get(b"/path/x"))
        whole = client.answer()
    assert whole.body == b"/path/x"
    for fields in (head.fields, whole.fields):
        assert fields.pop("date")
    assert head.fields == whole.fields


def test_head_is_answered_without_a_body_also_when_refused_or_missing(server):
    with server.connect() as client:
        client.send(b"HEAD /none HTTP/1.1\r\nHost: a\r\n\r\n")
        assert client.answer(is_head=True).status == 404
        client.send(b"HEAD / HTTP/1.1\r\nHost: a\r\nX : y\r\n\r\n")
        assert client.answer(is_head=True).status == 400
        assert client.rest() == b""


def test_date_is_now_in_the_format_of_rfc_9110(server):
    with server.connect() as client:
        client.send(get())
        text = client.answer().fields["date"]
    then = email.utils.parsedate_to_datetime(text).timestamp()
    assert abs(then - time.time()) < 5
    assert text == email.utils.formatdate(then, usegmt=True)


def test_405_lists_what_is_allowed(server):
    with server.connect() as client:
        client.send(b"PUT / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc")
        answer = client.answer()
        assert answer.status == 405
        assert answer.fields["allow"] == "GET, HEAD, POST"


def test_options_asterisk_lists_what_the_server_can(server):
    with server.connect() as client:
        client.send(b"OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n")
        answer = client.answer()
        assert answer.status == 204
        assert "content-length" not in answer.fields
        assert answer.fields["allow"] == "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS"


def test_http_1_0_is_told_that_the_connection_stays(server):
    with server.connect() as client:
        client.send(b"GET / HTTP/1.0\r\nConnection: Keep-Alive\r\n\r\n")
        assert client.answer().fields["connection"] == "keep-alive"
        client.send(b"GET / HTTP/1.0\r\n\r\n")
        assert client.answer().closes
        assert client.rest() == b""


def test_100_is_sent_before_the_body_and_once(server):
    with server.connect() as client:
        client.send(post(b"Content-Length: 5\r\nExpect: 100-continue\r\n"))
        assert client._take(25) == b"HTTP/1.1 100 Continue\r\n\r\n"
        client.send_bytewise(b"abcde")
        assert client.answer().body == b"abcde"
        assert client.received == b""


def test_body_up_to_the_limit_comes_back(server):
    body = os.urandom(1 << 20)
    with server.connect() as client:
        client.send(post(b"Content-Length: %d\r\n" % len(body), body=body))
        assert client.answer().body == body
        chunks = b"".join(b"%x\r\n%s\r\n" % (len(body[i:i + 5000]), body[i:i + 5000])
                          for i in range(0, len(body), 5000))
        client.send(post(b"Transfer-Encoding: chunked\r\n", body=chunks + b"0\r\n\r\n"))
        assert client.answer().body == body


def test_chunks_over_the_limit_together_are_refused(server):
    with server.connect() as client:
        client.send(post(b"Transfer-Encoding: chunked\r\n"))
        for _ in range(17):
            client.send(b"10000\r\n" + b"x" * 65536 + b"\r\n")
        assert client.answer().status == 413


def test_refusal_reaches_a_client_that_is_still_sending(server):
    """Closing at once would answer the rest with a RST, which may overtake the 413."""
    for _ in range(20):
        with server.connect() as client:
            client.send(post(b"Content-Length: 9000000\r\n", body=b"x" * 50000))
            answer = client.answer()
            assert answer.status == 413
            assert answer.closes


# --- pipelining ------------------------------------------------------------------------------


def test_200_in_a_packet_are_answered_in_order(server):
    with server.connect() as client:
        client.send(b"".join(get(b"/path/%d" % i) for i in range(200)))
        for i in range(200):
            assert client.answer().body == b"/path/%d" % i


def test_200_late_ones_in_a_packet_are_answered_in_order(server):
    with server.connect() as client:
        client.send(b"".join(get(b"/late") + get(b"/path/%d" % i) for i in range(100)))
        for i in range(100):
            assert client.answer().body == b"hello\n"
            assert client.answer().body == b"/path/%d" % i


def test_slow_ones_hold_back_those_behind(server):
    with server.connect() as client:
        client.send(get(b"/slow?ms=200") + get(b"/path/1") + get(b"/slow?ms=50") + get(b"/path/2"))
        bodies = [client.answer().body for _ in range(4)]
    assert bodies == [b"slow\n", b"/path/1", b"slow\n", b"/path/2"]


def test_more_than_is_held_back_waits_in_the_kernel(server):
    """Behind a request under way 64 KiB are held; then reading stops, and goes on with the answer."""
    count = 4000
    with server.connect() as client:
        sender = threading.Thread(
            target=client.send, args=(get(b"/slow?ms=100") + get(b"/path/1") * count,))
        sender.start()
        assert client.answer().body == b"slow\n"
        for _ in range(count):
            assert client.answer().body == b"/path/1"
        sender.join()


def test_who_does_not_read_answers_gets_no_more_of_them(server):
    before = server.stats()["requests"]
    with server.connect() as client:
        client.socket.settimeout(1)
        with pytest.raises(TimeoutError):
            client.socket.sendall(get(b"/big?bytes=1000000") * 100000)
        # What libuv queues is one answer's worth; the sockets' buffers take a few more.
        assert server.stats()["requests"] - before < 50


# --- clients that end, leave, or are slow -----------------------------------------------------


@pytest.mark.parametrize("target", [b"/", b"/late", b"/slow?ms=100"])
def test_client_that_half_closes_gets_its_answer(server, target):
    with server.connect() as client:
        client.send(get(target))
        client.end()
        answer = client.answer()
        assert answer.status == 200
        assert client.rest() == b""


def test_client_that_half_closes_gets_all_its_answers(server):
    with server.connect() as client:
        client.send(get(b"/slow?ms=50") + get(b"/path/1") + get(b"/late") + get(b"/path/2"))
        client.end()
        bodies = [client.answer().body for _ in range(4)]
        assert bodies == [b"slow\n", b"/path/1", b"hello\n", b"/path/2"]
        assert client.rest() == b""


@pytest.mark.parametrize("part", [b"", b"GET / HT", b"GET / HTTP/1.1\r\nHost: a\r\n",
                                  post(b"Content-Length: 5\r\n", body=b"abc")])
def test_client_that_half_closes_within_a_message_gets_nothing(server, part):
    with server.connect() as client:
        client.send(part)
        client.end()
        assert client.rest() == b""


def test_client_that_resets_ends_its_request(server):
    before = server.stats()["gone"]
    clients = [server.connect() for _ in range(20)]
    for client in clients:
        client.send(get(b"/never"))
    wait_until(lambda: server.stats()["active"] == 21)
    for client in clients:
        client.reset()
    wait_until(lambda: server.stats()["gone"] == before + 20)
    assert server.stats()["active"] == 1


def test_storm_of_clients_that_reset_at_any_point(server):
    message = get(b"/late") + post(b"Content-Length: 5\r\n", body=b"abcde") + get(b"/slow?ms=1")
    for i in range(600):
        client = server.connect()
        client.send(message[:i % len(message)] if i % 3 else message * 3)
        if i % 2:
            client.reset()
        else:
            client.socket.close()
    wait_until(lambda: server.stats()["open"] == 1)
    assert server.stats()["active"] == 1


@pytest.fixture(scope="module")
def hasty():
    """A server with little patience."""
    with Server("head_ms=300", "body_grace_ms=300", "idle_ms=600", "write_ms=300",
                "body_rate=10000") as running:
        yield running


def drip(client, data, pause_s=0.05):
    """Sends slowly until the server answers; returns what it says."""
    client.socket.settimeout(pause_s)
    for i in range(len(data)):
        client.send(data[i:i + 1])
        try:
            if not client._more():
                break
        except TimeoutError:
            continue
        except ConnectionResetError:
            break
        break
    client.socket.settimeout(PATIENCE_S)


@pytest.mark.parametrize("message", [
    get(b"/", b"X: " + b"y" * 500 + b"\r\n"),
    post(b"Content-Length: 500\r\n", body=b"x" * 500),
    post(b"Transfer-Encoding: chunked\r\n", body=b"1\r\nx\r\n" * 200),
], ids=["head", "body", "chunked body"])
def test_slow_message_ends_with_408(hasty, message):
    cut = message.index(b"\r\n\r\n") + 4 if message.startswith(b"POST") else 20
    start = time.monotonic()
    with hasty.connect() as client:
        client.send(message[:cut])
        drip(client, message[cut:])
        answer = client.answer()
        assert answer.status == 408
        assert answer.closes
        assert client.rest() == b""
    assert 0.25 < time.monotonic() - start < 5


def test_body_at_a_fair_rate_may_take_longer_than_the_grace(hasty):
    with hasty.connect() as client:
        client.send(post(b"Content-Length: 20000\r\n"))
        for _ in range(10):
            time.sleep(0.1)  # this is the rate: 20,000 bytes a second
            client.send(b"x" * 2000)
        assert client.answer().status == 200


@pytest.mark.parametrize("first", [b"", get()], ids=["fresh", "kept"])
def test_silent_connection_is_closed_without_a_word(hasty, first):
    with hasty.connect() as client:
        client.send(first)
        if first:
            client.answer()
        start = time.monotonic()
        assert client.rest() == b""
        assert 0.5 < time.monotonic() - start < 5


def test_idle_connections_get_a_quarter_of_the_time_when_most_are_taken():
    with Server("connections=5", "idle_ms=4000") as server:
        clients = [server.connect() for _ in range(4)]
        start = time.monotonic()
        for client in clients:
            client.send(get())
            assert client.answer().status == 200
        assert clients[3].rest() == b""
        assert 0.9 < time.monotonic() - start < 3.5
        for client in clients:
            client.socket.close()


def test_answer_that_is_not_taken_ends_the_connection(hasty):
    with hasty.connect() as client:
        client.send(get(b"/big?bytes=8000000"))
        wait_until(lambda: hasty.stats()["open"] == 1)
        assert len(client.rest()) < 8000000


def test_answer_that_is_taken_slowly_but_steadily_arrives(hasty):
    with hasty.connect() as client:
        client.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 65536)
        client.send(get(b"/big?bytes=4000000"))
        received = 0
        while received < 4000000:
            data = client.socket.recv(100000)
            assert data
            received += len(data)
            time.sleep(0.02)  # a slow reader; all in all twice the write deadline and more


# --- sockets and processes --------------------------------------------------------------------


def test_unix_socket_serves_and_its_peer_has_no_address(tmp_path):
    with Server(f"unix={tmp_path}/probe.sock", "trusted=none") as server:
        with server.connect() as client:
            client.send(get(b"/client") + get(b"/client", b"X-Forwarded-For: 192.0.2.1\r\n"))
            assert client.answer().body == b"unix"
            assert client.answer().body == b"unix"


def expect_service(address, times):
    for _ in range(times):
        with Client(address) as client:
            client.send(get())
            assert client.answer().status == 200


def test_several_processes_share_an_inherited_socket():
    with socket.create_server(("127.0.0.1", 0), backlog=512) as listening:
        os.set_inheritable(listening.fileno(), True)
        address = listening.getsockname()
        number = listening.fileno()
        with Server(f"fd={number}", pass_fds=[number]) as one, \
                Server(f"fd={number}", pass_fds=[number]):
            expect_service(address, 50)
            one.terminate()
            one.wait()
            expect_service(address, 50)  # what is queued on the socket is the other's


def test_limit_of_connections_pauses_accepting_until_one_closes():
    with Server("connections=3") as server:
        clients = [server.connect() for _ in range(3)]
        for client in clients:
            client.send(get())
            assert client.answer().status == 200
        with server.connect() as fourth:
            fourth.send(get())
            fourth.socket.settimeout(0.3)
            with pytest.raises(TimeoutError):
                fourth.answer()
            fourth.socket.settimeout(PATIENCE_S)
            clients[0].socket.close()
            assert fourth.answer().status == 200
        for client in clients[1:]:
            client.socket.close()


def test_out_of_descriptors_pauses_accepting_and_loses_nobody():
    limited = ["/bin/sh", "-c", "ulimit -n 40; exec \"$0\" port=0", str(SERVER)]
    process = subprocess.Popen(limited, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    address = ("127.0.0.1", int(process.stdout.readline().split()[1]))
    clients = [Client(address) for _ in range(60)]
    try:
        for client in clients:  # those beyond the limit are served when others have gone
            client.send(get(b"/", b"Connection: close\r\n"))
        assert all(client.answer().status == 200 for client in clients)
    finally:
        for client in clients:
            client.socket.close()
        process.terminate()
        _, errors = process.communicate(timeout=PATIENCE_S)
    assert process.returncode == 0 and errors == b""


@pytest.mark.parametrize("field, client_address", [
    (b"X-Forwarded-For: 192.0.2.1\r\n", b"::ffff:192.0.2.1"),
    (b"X-Forwarded-For: 192.0.2.9\r\nX-Forwarded-For: 192.0.2.1, 127.0.0.2\r\n",
     b"::ffff:192.0.2.1"),
    (b"Forwarded: for=\"[2001:db8::7]:4711\";proto=http, for=127.0.0.3\r\n", b"2001:db8::7"),
    (b"X-Forwarded-For: nonsense\r\n", b"::ffff:127.0.0.1"),
    (b"X-Forwarded-For: 192.0.2.1\r\nForwarded: for=192.0.2.2\r\n", b"::ffff:127.0.0.1"),
])
def test_client_address_behind_a_trusted_proxy(server, field, client_address):
    with server.connect() as client:
        client.send(get(b"/client", field))
        assert client.answer().body == client_address


def test_client_address_from_nobody_trusted_is_the_peer():
    with Server("trusted=10.0.0.0/8") as server:
        with server.connect() as client:
            client.send(get(b"/client", b"X-Forwarded-For: 192.0.2.1\r\n"))
            assert client.answer().body == b"::ffff:127.0.0.1"


V2 = b"\r\n\r\n\0\r\nQUIT\n"


@pytest.fixture(scope="module")
def proxied():
    with Server("proxy=1") as running:
        yield running


@pytest.mark.parametrize("header, client_address", [
    (b"PROXY TCP4 192.0.2.1 192.0.2.2 4711 80\r\n", b"::ffff:192.0.2.1"),
    (b"PROXY TCP6 2001:db8::1 2001:db8::2 4711 80\r\n", b"2001:db8::1"),
    (b"PROXY UNKNOWN\r\n", b"::ffff:127.0.0.1"),
    (V2 + b"\x21\x11\x00\x0c" + bytes([192, 0, 2, 1, 192, 0, 2, 2, 1, 1, 0, 80]), b"::ffff:192.0.2.1"),
    (V2 + b"\x20\x00\x00\x00", b"::ffff:127.0.0.1"),
])
@pytest.mark.parametrize("is_dripped", [False, True], ids=["whole", "byte by byte"])
def test_proxy_header_names_the_client(proxied, header, client_address, is_dripped):
    with proxied.connect() as client:
        (client.send_bytewise if is_dripped else client.send)(header + get(b"/client"))
        assert client.answer().body == client_address
        client.send(get(b"/client"))
        assert client.answer().body == client_address


@pytest.mark.parametrize("start", [
    get(), b"PROXY TCP4 192.0.2.1\r\n" + get(), b"PROXY " + b"x" * 200, b"proxy TCP4",
    V2 + b"\x31\x11\x00\x0c", V2 + b"\x21\x11\x08\x00", V2 + b"\x21\x11\x00\x04" + bytes(4),
])
def test_connection_without_a_proxy_header_is_closed_without_a_word(proxied, start):
    with proxied.connect() as client:
        client.send(start)
        assert client.rest() == b""


def test_proxy_header_from_nobody_trusted_is_not_taken():
    with Server("proxy=1", "trusted=10.0.0.0/8") as server:
        with server.connect() as client:
            assert client.rest() == b""


# --- draining ---------------------------------------------------------------------------------


def test_drain_closes_the_idle_and_lets_the_others_finish():
    with Server() as server:
        idle, slow, half = server.connect(), server.connect(), server.connect()
        idle.send(get())
        assert idle.answer().status == 200
        slow.send(get(b"/slow?ms=500"))
        half.send(get() + b"GET / HTTP/1.1\r\n")
        assert half.answer().status == 200
        wait_until(lambda: server.stats()["active"] == 2)
        server.terminate()
        assert idle.rest() == b""
        half.send(b"Host: a\r\n\r\n")
        for client in (half, slow):
            answer = client.answer()
            assert answer.status == 200
            assert answer.closes
            assert client.rest() == b""
            client.socket.close()
        server.wait()
        with pytest.raises(ConnectionRefusedError):
            Client(server.address)


def test_drain_answers_what_is_in_the_kernel_already():
    """Stopped, the process cannot have read it; so it is there when the drain begins."""
    with Server() as server:
        kept, fresh = server.connect(), server.connect()
        wait_until(lambda: server.stats()["open"] == 3)
        kept.send(get())
        assert kept.answer().status == 200
        server.process.send_signal(signal.SIGSTOP)
        kept.send(get(b"/path/kept"))
        fresh.send(get(b"/path/fresh"))
        server.terminate()
        server.process.send_signal(signal.SIGCONT)
        for client, body in ((kept, b"/path/kept"), (fresh, b"/path/fresh")):
            assert client.answer().body == body
            assert client.rest() == b""
            client.socket.close()
        server.wait()


def test_drain_ends_without_any_connection():
    with Server() as server:
        server.terminate()
        server.wait()
