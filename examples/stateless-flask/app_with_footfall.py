"""Right in any number of processes: this one keeps nothing. Kill it at any time, start ten more."""
import os
import uuid

from flask import Flask, make_response, request

import footfall
import pages

app = Flask(__name__)


@app.get("/")
def welcome():
    # The balancer's id of this request, which is the same when it asks another process once more.
    number, is_repeated = footfall.count(request.headers.get("X-Request-Id") or str(uuid.uuid4()))
    answer = make_response(pages.show(number, find(pages.token()), os.getpid()))
    answer.headers["X-Hit"] = "duplicate" if is_repeated else "counted"
    return answer


@app.post("/login")
def login():
    session = footfall.create(pages.text("user"), {"places": [pages.text("place")]},
                              pages.IDLE_S, pages.ABSOLUTE_S)
    return pages.home(session["token"])


@app.post("/place")
def move():
    place = pages.text("place")
    footfall.change(pages.token(), lambda data: pages.moved(data, place))
    return pages.home()


@app.post("/logout")
def logout():
    footfall.revoke(pages.token())
    return pages.home("")


@app.errorhandler(footfall.Unavailable)
def unavailable(_):
    return "Please try again in a moment.\n", 503, {"Retry-After": "1"}


def find(token):
    return footfall.read(token) if token else None
