-- The load that wrk puts on a server, and one line of figures at the end.
--
--   wrk … URL -- PAGES VISITORS plain|bare|whole
--
-- All requests are of a browser. PAGES 0 asks for the path of URL; 1 or more for /count?p=/page/1 …
-- /page/PAGES in turn, as JSON. VISITORS 0 sends no X-Forwarded-For; 1 or more sends that many addresses in turn.
--
-- bare   asks not to be recognised: Sec-GPC
-- whole  says all there is to say: title, referrer, campaign, screen, and a browser and languages of several; the
--        same for a visitor each time. The addresses are public ones, of many countries. Each time it is a visitor's
--        turn he asks for another page.
--
-- Every request is built before the clock starts; those of whole are put together of two parts. With nothing to
-- vary there is no request(), so that wrk keeps its fast path.

local requests, at = {}, 0

local people = {
    {
        agent = "Mozilla/5.0 (X11; Linux x86_64; rv:132.0) Gecko/20100101 Firefox/132.0",
        languages = "en-US,en;q=0.5", screen = "1920,1080,1", referrer = "https%3A%2F%2Fwww.google.com%2F", campaign = "",
    },
    {
        agent = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) "
            .. "Chrome/131.0.0.0 Safari/537.36",
        languages = "de-DE,de;q=0.9,en;q=0.8", screen = "1536,864,1.25", referrer = "https%3A%2F%2Fexample.org%2Flinks",
        campaign = "",
    },
    {
        agent = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) "
            .. "Version/18.1 Mobile/15E148 Safari/604.1",
        languages = "fr-FR,fr;q=0.9", screen = "390,844,3", referrer = "",
        campaign = "utm_source%3Dnewsletter%26utm_medium%3Demail%26utm_campaign%3Dnovember",
    },
    {
        agent = "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 "
            .. "Mobile Safari/537.36",
        languages = "es-ES,es;q=0.9,en;q=0.8", screen = "412,915,2.6", referrer = "https%3A%2F%2Ft.co%2Fa1b2c3", campaign = "",
    },
    {
        agent = "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) "
            .. "Version/18.1 Safari/605.1.15",
        languages = "ja,en;q=0.5", screen = "1440,900,2", referrer = "https%3A%2F%2Fnews.ycombinator.com%2F",
        campaign = "utm_source%3Dpartner%26utm_medium%3Dcpc%26utm_campaign%3Dlaunch",
    },
}

-- What wrk sends when nothing varies, and what the other requests begin with.
wrk.headers["User-Agent"] = people[1].agent
wrk.headers["Accept-Language"] = people[1].languages

local function fields(more)
    local all = {}
    for name, value in pairs(wrk.headers) do
        all[name] = value
    end
    for name, value in pairs(more) do
        all[name] = value
    end
    return all
end

local function address(n)
    return string.format("10.%d.%d.%d", n / 65536 % 256, n / 256 % 256, n % 256)
end

-- Another one for each n below 2^24, from 11.0.0.0 to 126.255.255.255.
local function public_address(n)
    local mixed = n * 2654435761 % 4294967296
    return string.format("%d.%d.%d.%d", 11 + math.floor(mixed / 16777216) % 116, n / 65536 % 256, n / 256 % 256, n % 256)
end

-- LuaJIT hashes only some bytes of a long string, at places drawn when it starts. Requests that differ in a few bytes
-- may then all have one hash, and building 100,000 of them never ends. So they differ in these many, one after the
-- other, as if by the id that proxies give a request.
local function request_id(n)
    return string.format("%08x", n):rep(12)
end

local function build(pages, visitors, more)
    for i = 1, math.max(pages, visitors) do
        local path, headers = wrk.path, fields(more)
        if pages > 0 then
            path = "/count?p=/page/" .. (i - 1) % pages + 1
            headers["Accept"] = "application/json"
        end
        if visitors > 0 then
            headers["X-Forwarded-For"] = address((i - 1) % visitors + 1)
            headers["X-Request-Id"] = request_id(i)
        end
        requests[i] = wrk.format("GET", path, headers)
    end
end

local function next_request()
    at = at % #requests + 1
    return requests[at]
end

local function whole_head(page, person)
    local path = string.format("/count?p=/page/%d&t=The+title+of+page+%d&r=%s&q=%s&s=%s", page, page, person.referrer,
                               person.campaign, person.screen)
    local text = wrk.format("GET", path, fields({
        ["Accept"] = "application/json", ["User-Agent"] = person.agent, ["Accept-Language"] = person.languages,
    }))
    return text:sub(1, -3) -- without the empty line
end

-- wrk's request(), for so many pages and visitors.
local function whole(pages, visitors)
    local heads, tails = {}, {}
    for page = 1, pages do
        for number, person in ipairs(people) do
            heads[(page - 1) * #people + number] = whole_head(page, person)
        end
    end
    at = os.time() % 10000 * 30011 -- so that the load after the warm-up does not begin with the same visitors again
    for visitor = 1, visitors do
        tails[visitor] = string.format("X-Request-Id: %s\r\nX-Forwarded-For: %s\r\n\r\n", request_id(visitor),
                                       public_address(visitor))
    end
    return function()
        local visitor, turn = at % visitors, math.floor(at / visitors)
        local page = (visitor + turn) % pages
        at = at + 1
        return heads[page * #people + math.floor(visitor / pages) % #people + 1] .. tails[visitor + 1]
    end
end

function init(args)
    local pages, visitors, facts = tonumber(args[1] or 0), tonumber(args[2] or 0), args[3] or "plain"
    if facts == "whole" then
        request = whole(pages, visitors)
    elseif pages + visitors > 0 then
        build(pages, visitors, facts == "bare" and { ["Sec-GPC"] = "1" } or {})
        request = next_request
    end
end

function done(summary, latency)
    local e = summary.errors
    io.write(string.format(
        '{"answers": %d, "duration_us": %d, "errors": %d, "p50_us": %d, "p99_us": %d}\n',
        summary.requests - e.status, summary.duration, e.connect + e.read + e.write + e.status + e.timeout,
        latency:percentile(50), latency:percentile(99)))
end
