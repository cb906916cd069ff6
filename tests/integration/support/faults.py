"""Faults that happen while a test's load runs, each at its point of the progress."""
import threading
from collections import Counter


class Faults(threading.Thread):
    """Carries out `actions` one after the other, spread evenly over the work.

    Action number i of n begins when progress() has reached i/n of `goal`; no clock decides. The
    thread ends after the last one, or at stop(). check() raises what went wrong in it."""

    def __init__(self, actions, progress, goal):
        super().__init__(daemon=True)
        self.actions = actions  # of (name, function)
        self.progress = progress
        self.goal = goal
        self.done = Counter()
        self.error = None
        self.stopped = threading.Event()

    def run(self):
        try:
            for i, (name, action) in enumerate(self.actions):
                begin = self.goal * i // len(self.actions)
                while self.progress() < begin:
                    if self.stopped.wait(0.002):
                        return
                action()
                self.done[name] += 1
        except Exception as error:  # whatever it is, check() tells it
            self.error = error

    def are_over(self):
        return not self.is_alive()

    def stop(self):
        self.stopped.set()
        self.join(60)

    def check(self):
        if self.error:
            raise self.error
