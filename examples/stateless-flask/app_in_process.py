"""Wrong as soon as there are two processes: what this application knows is in its own memory."""
import os
import secrets
import threading
import time

from flask import Flask

import pages

app = Flask(__name__)
lock = threading.Lock()
visits = 0     # each process counts for itself, and begins at 0 when it is started again
sessions = {}  # each process knows its own logins only


@app.get("/")
def welcome():
    global visits
    with lock:
        visits += 1
        number = visits
    return pages.show(number, find(pages.token()), os.getpid())


@app.post("/login")
def login():
    now = time.time()
    token = secrets.token_urlsafe(32)
    sessions[token] = {
        "user": pages.text("user"), "data": {"places": [pages.text("place")]},
        "expires": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(now + pages.ABSOLUTE_S)),
        "ends": now + pages.ABSOLUTE_S, "seen": now}
    return pages.home(token)


@app.post("/place")
def move():
    with lock:
        session = find(pages.token())
        if session:
            session["data"] = pages.moved(session["data"], pages.text("place"))
    return pages.home()


@app.post("/logout")
def logout():
    sessions.pop(pages.token(), None)
    return pages.home("")


def find(token):
    session, now = sessions.get(token), time.time()
    if session is None or now > min(session["ends"], session["seen"] + pages.IDLE_S):
        return None
    session["seen"] = now
    return session
