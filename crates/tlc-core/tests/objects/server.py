"""An S3 server on loopback for tests: moto, with one thing mended and faults on demand.

moto looks whether a name is free and then takes it; two puts at once may both find it free. S3
does both in one step, so puts are made one at a time here.

`PUT /_test/faults?kind=KIND&share=0.1` makes that share of the requests go wrong from then on:

    busy    503, and nothing is done
    denied  403, and nothing is done
    lost    it is done, and 503 is answered
    cut     the connection ends before the answer, and nothing is done
    half    it is done, and the connection ends within the answer
    slow    it is done after half a second
    silent  nothing is done or answered for a minute
    any     one of busy, lost, cut, half, by chance

`GET /_test/requests` gives what was asked for since it was last called, one a line;
`GET /_test/peak` how many requests were under way at once, at most.
"""

import io
import os
import random
import socket
import sys
import threading
import time
from urllib.parse import parse_qs

from moto.server import DomainDispatcherApplication, create_backend_app
from werkzeug.serving import WSGIRequestHandler, make_server

ANY = ["busy", "lost", "cut", "half"]


class Server:
    def __init__(self, app):
        self.app = app
        self.puts = threading.Lock()
        self.chance = random.Random(7)
        self.kind, self.share = "none", 0.0
        self.requests = []
        self.under_way, self.peak = 0, 0

    def __call__(self, environ, start_response):
        path = environ["PATH_INFO"]
        if path == "/_test/faults":
            query = parse_qs(environ["QUERY_STRING"])
            self.kind, self.share = query["kind"][0], float(query["share"][0])
            return plain(start_response, "200 OK", b"")
        if path == "/_test/requests":
            said, self.requests = self.requests, []
            return plain(start_response, "200 OK", "\n".join(said).encode())
        if path == "/_test/peak":
            said, self.peak = self.peak, 0
            return plain(start_response, "200 OK", str(said).encode())
        query = environ["QUERY_STRING"]
        self.requests.append(f"{environ['REQUEST_METHOD']} {path}?{query}")
        self.under_way += 1
        self.peak = max(self.peak, self.under_way)
        try:
            return self.faulty(self.fault(), environ, start_response)
        finally:
            self.under_way -= 1

    def fault(self):
        if self.chance.random() >= self.share:
            return "none"
        return self.chance.choice(ANY) if self.kind == "any" else self.kind

    def faulty(self, fault, environ, start_response):
        # Read to its end even if nothing is done: else the client may see a reset.
        length = int(environ.get("CONTENT_LENGTH") or 0)
        body = environ["wsgi.input"].read(length) if length else b""
        if fault == "silent":
            time.sleep(60)
        if fault in ("cut", "silent"):
            end(environ)
        if fault == "busy":
            return busy(start_response)
        if fault == "denied":
            body = b"<Error><Code>AccessDenied</Code><Message>Access Denied</Message></Error>"
            return plain(start_response, "403 Forbidden", body)
        if fault == "slow":
            time.sleep(0.5)
        status, headers, answer = self.answer(environ, body)
        if fault == "lost":
            return busy(start_response)
        start_response(status, headers)
        return halved(answer, environ) if fault == "half" else [answer]

    def answer(self, environ, body):
        """What moto says."""
        said = {}

        def remember(status, headers, exc_info=None):
            said["status"], said["headers"] = status, headers

        environ["wsgi.input"] = io.BytesIO(body)
        if environ["REQUEST_METHOD"] in ("PUT", "DELETE"):
            with self.puts:
                answer = b"".join(self.app(environ, remember))
        else:
            answer = b"".join(self.app(environ, remember))
        return said["status"], said["headers"], answer


def halved(answer, environ):
    yield answer[: len(answer) // 2]
    end(environ)


def end(environ):
    environ["werkzeug.socket"].shutdown(socket.SHUT_RDWR)
    raise ConnectionAbortedError


def plain(start_response, status, body):
    start_response(status, [("Content-Length", str(len(body)))])
    return [body]


def busy(start_response):
    body = b"<Error><Code>SlowDown</Code><Message>Reduce your request rate.</Message></Error>"
    return plain(start_response, "503 Slow Down", body)


class Handler(WSGIRequestHandler):
    protocol_version = "HTTP/1.1"

    def log(self, type, message, *args):
        pass


def main():
    app = Server(DomainDispatcherApplication(create_backend_app))
    server = make_server(os.environ.get("TLC_S3_HOST", "127.0.0.1"), 0, app, threaded=True, request_handler=Handler)
    print(server.port, flush=True)
    # With the process that has started it.
    threading.Thread(target=server.serve_forever, daemon=True).start()
    sys.stdin.read()


main()
