"""count.js in a real browser, on pages of another site."""
import pytest

from support.chromium import Scenario
from support.footfall import Footfall
from support.stores import stores_that


def started(tmp_path, ending, **settings):
    server = Footfall(tmp_path, **settings)
    ending.append(server)
    server.start()
    return f"http://127.0.0.1:{server.port}"


@pytest.mark.parametrize("scenario", ["counts", "goatcounter", "opts_out", "survives"])
def test_a_page_is_counted_once(tmp_path, ending, scenario):
    url = started(tmp_path, ending)
    Scenario("count.mjs", scenario, url).end()


@pytest.mark.parametrize("store", stores_that("pause"), indirect=True)
def test_what_is_sent_while_the_store_is_away_is_counted_once(store, tmp_path, ending):
    url = started(tmp_path, ending, store=store.url, FOOTFALL_HIT_TIMEOUT="1s")
    scenario = Scenario("count.mjs", "outage", url)
    scenario.wait_until_it_waits()
    store.pause()
    try:
        scenario.wait_until_it_waits()
    finally:
        store.resume()
    scenario.end()
