"""Faults that happen while a test's load runs, each at its point of the progress."""
import threading
from collections import Counter

from support.program import wait_for


class Faults(threading.Thread):
    """Carries out `actions` one after the other, spread evenly over the work.

    Action number i of n begins when progress() has reached i/n of `goal`; no clock decides. The
    thread ends after the last one, or at stop(). finish() says what went wrong in it."""

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
        except Exception as error:  # pylint: disable=broad-except; told in finish()
            self.error = error

    def are_over(self):
        return not self.is_alive()

    def stop(self):
        self.stopped.set()
        self.join()

    def finish(self):
        """Waits for the end, and fails as the thread did."""
        wait_for(self.are_over, "the last fault", 60)
        if self.error:
            raise self.error
