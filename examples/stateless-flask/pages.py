"""What both applications have in common: the page, the forms, the cookie. Nothing is kept here."""
import flask

COOKIE = "session"
IDLE_S = 30 * 60          # a login ends when it is not used for so long
ABSOLUTE_S = 8 * 60 * 60  # and at the latest after this time
MAX_TEXT = 40
MAX_PLACES = 5

PAGE = """<!doctype html>
<html lang="en">
<meta charset="utf-8">
<title>Welcome</title>
<h1>Welcome to Stateless! Visitor Count: {{ number }}</h1>
{% if session %}
<p>Logged in: <b>{{ session.user }}</b> from <b>{{ session.data.places | join(", then ") }}</b>
until <b>{{ session.expires }}</b></p>
<form method="post" action="/place">
  <input name="place" placeholder="Where are you now?" required> <button>Move</button></form>
<form method="post" action="/logout"><button>Log out</button></form>
{% else %}
<p>Nobody is logged in.</p>
<form method="post" action="/login">
  <input name="user" placeholder="Name" required>
  <input name="place" placeholder="Where are you?" required> <button>Log in</button></form>
{% endif %}
<p><small>From process {{ process }}</small></p>
</html>
"""


def show(number, session, process):
    """The page; what people typed is escaped by the template."""
    return flask.render_template_string(PAGE, number=number, session=session, process=process)


def text(name):
    """A field of the form that was sent: short, and of characters that can be seen."""
    sent = flask.request.form.get(name, "")
    return "".join(filter(str.isprintable, sent))[:MAX_TEXT].strip() or flask.abort(400)


def token():
    """What the browser's cookie says; empty without one."""
    return flask.request.cookies.get(COOKIE, "")


def moved(data, place):
    """The data of a session after moving. Done twice it is the same as done once."""
    places = [known for known in data["places"] if known != place] + [place]
    return {**data, "places": places[-MAX_PLACES:]}


def home(new_token=None):
    """Back to the page, with another cookie when there is one; with "" there is none any more."""
    answer = flask.redirect("/", 303)
    if new_token:
        answer.set_cookie(COOKIE, new_token, httponly=True, samesite="Lax",
                          secure=flask.request.is_secure)
    elif new_token is not None:
        answer.delete_cookie(COOKIE)
    return answer
