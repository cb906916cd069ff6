"""The commands of Footfall on a store, as somebody types them beside the servers."""
import os
import subprocess

from support.footfall import SANITIZED


def footfall(url, *arguments, typed="", check=True, **settings):
    """Runs a command on the store at `url`; what came of it. There is no terminal."""
    done = subprocess.run([SANITIZED, *arguments], text=True, capture_output=True, timeout=100,
                          check=False, input=typed, cwd="/",
                          env={"PATH": os.environ["PATH"], "FOOTFALL_STORE": url, **settings})
    assert not check or done.returncode == 0, (arguments, done.returncode, done.stderr)
    return done


def add_user(url, email, password, *flags):
    return footfall(url, "user", "add", email, "--password-file=-", *flags, typed=password + "\n")
