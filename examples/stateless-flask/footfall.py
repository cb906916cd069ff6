"""Footfall's counter and sessions, from any number of processes. Copy what you need.

Each call is tried again until it is answered: a hit has an id and counts once however often it is
sent, the others may be repeated anyway. FOOTFALL_API is where Footfall is, FOOTFALL_TOKEN what
`footfall token add NAME --scopes=count,sessions` printed."""
import http.client
import json
import os
import random
import time
import urllib.error
import urllib.request

API = os.environ["FOOTFALL_API"] + "/api/v1/"
TOKEN = os.environ["FOOTFALL_TOKEN"]
ATTEMPTS = 6
TIMEOUT_S = 3     # of one attempt
WORTH_A_RETRY = (502, 503, 504)
OPENER = urllib.request.build_opener(urllib.request.ProxyHandler({}))  # no proxy in between


class Unavailable(Exception):
    """There was no answer in time. Show no number rather than a wrong one."""


class Refused(Exception):
    """Footfall says that the call is wrong, or the token."""


def count(id_, path="/"):
    """Counts one view of a page: (its number, True when this id was counted before)."""
    _, answer = call("hits", {"path": path, "id": id_})
    result = answer["results"][0]
    if "count" not in result:
        raise Refused(result)
    return result["count"], result["status"] == "duplicate"


def create(user, data, idle_s, absolute_s):
    """Begins a session. Its "token" is what the browser's cookie holds; it is told this once."""
    return call("sessions", {"user": user, "data": data, "idle": idle_s, "absolute": absolute_s})[1]


def read(token):
    """The session as it is now, and it lives on; None when it has ended."""
    status, session = call("sessions/read", {"token": token}, also=(404,))
    return session if status == 200 else None


def change(token, edit):
    """Writes edit(data) in place of data. Who comes in between is not overwritten: he has made
    another version, which is read, and edit() is called again, maybe on what it wrote itself when
    only the answer was lost. The session as it is then; None: it has ended."""
    for _ in range(20):
        session = read(token)
        if session is None:
            return None
        status, changed = call("sessions/update", {
            "token": token, "version": session["version"], "data": edit(session["data"])},
            also=(404, 409))
        if status == 200:
            return changed
        pause(0)
    raise Unavailable("too many changes at the same time")


def revoke(token):
    """Ends the session, at once and in every process."""
    call("sessions/revoke", {"token": token}, also=(404,))


def call(address, body, also=()):
    """POSTs JSON: (status, answer). A status of 300 and more is an exception, unless in `also`."""
    request = urllib.request.Request(API + address, json.dumps(body).encode(), {
        "Content-Type": "application/json", "Authorization": "Bearer " + TOKEN})
    problem = None
    for attempt in range(ATTEMPTS):
        if attempt:
            pause(attempt)
        try:
            with OPENER.open(request, timeout=TIMEOUT_S) as answer:
                return answer.status, json.load(answer)
        except urllib.error.HTTPError as error:
            if error.code in also:
                return error.code, None
            if error.code not in WORTH_A_RETRY:
                raise Refused(f"{address}: {error.code} {error.read().decode()}") from None
            problem = error
        except (OSError, http.client.HTTPException, ValueError) as error:
            problem = error  # refused, cut off, silent: whoever answered may just have died
    raise Unavailable(f"{address}: {problem}")


def pause(attempt):
    """A little longer each time, and never as long as the others who wait."""
    time.sleep(0.05 * 2 ** attempt * random.uniform(0.5, 1))
