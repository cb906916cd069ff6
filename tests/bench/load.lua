-- The load that wrk puts on a server, and one line of figures at the end.
--
--   wrk … URL -- PAGES VISITORS
--
-- PAGES 0 asks for the path of URL; 1 or more for /count?p=/page/1 … /page/PAGES in turn, as JSON.
-- VISITORS 0 sends no X-Forwarded-For; 1 or more sends that many addresses in turn.
--
-- Every request is built before the clock starts. With PAGES and VISITORS 0 there is no request(), so that
-- wrk keeps its fast path.

local requests, at = {}, 0

local function address(n)
    return string.format("10.%d.%d.%d", n / 65536 % 256, n / 256 % 256, n % 256)
end

local function build(pages, visitors)
    for i = 1, math.max(pages, visitors) do
        local path, headers = wrk.path, { Host = wrk.headers["Host"] }
        if pages > 0 then
            path = "/count?p=/page/" .. (i - 1) % pages + 1
            headers["Accept"] = "application/json"
        end
        if visitors > 0 then
            headers["X-Forwarded-For"] = address((i - 1) % visitors + 1)
        end
        requests[i] = wrk.format("GET", path, headers)
    end
end

local function next_request()
    at = at % #requests + 1
    return requests[at]
end

function init(args)
    local pages, visitors = tonumber(args[1] or 0), tonumber(args[2] or 0)
    if pages + visitors > 0 then
        build(pages, visitors)
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
