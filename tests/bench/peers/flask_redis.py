"""The counter as tutorials show it: INCR, then GET, then answer what GET said."""
import os

import redis
from flask import Flask

app = Flask(__name__)
store = redis.Redis(host="127.0.0.1", port=int(os.environ["REDIS_PORT"]))


@app.route("/")
def welcome():
    store.incr("visitorCounter")
    return f"Welcome to Footfall! Visitor Count: {int(store.get('visitorCounter'))}\n"
