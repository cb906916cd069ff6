-- Reads out one step of everything that a shard keeps, but its writers: records and counters.
--
-- KEYS  1                 any key of the shard
-- ARGV  1                 how all keys of the shard begin
--       2                 the cursor; empty: from the beginning
--       3                 the key of the default site's total, when it is not the usual one
--       4                 about how many keys to look at
--
-- Returns the next cursor (empty: that was all; "?": the one given is none), then two texts an item:
--
--       "rSECONDS KEY", value         a record with its seconds to live
--       "tSITE", number               the total of a site
--       "pSITE\nPATH", number         a page
--
-- A cursor is "SCAN HSCAN" and a line for each site whose pages are not read out yet. SCAN is Redis'
-- own, "-" when it has come to its end; HSCAN is that of the first of these sites.
local prefix, cursor, total_key, count = ARGV[1], ARGV[2], ARGV[3], ARGV[4]
local call = redis.call
local items = {''}
local sites = {}
local scan, hscan = '0', '0'

local function add(name, value)
  items[#items + 1] = name
  items[#items + 1] = value
end

local function add_total(key, site)
  local number = call('GET', key)
  if number then add('t' .. site, number) end
end

-- One without an end to its life, which somebody gave it by hand, gets the longest.
local function add_record(key, name)
  local ms = call('PTTL', key)
  local record = call('GET', key)
  if ms == -1 then ms = 34560000 * 1000 end
  if record and #record >= 8 and ms > 0 then
    add('r' .. string.format('%d', math.ceil(ms / 1000)) .. ' ' .. name, record:sub(9))
  end
end

local function look(key)
  local rest = key:sub(#prefix + 1)
  if rest:sub(1, 7) == 'record:' then
    add_record(key, rest:sub(8))
  elseif rest:sub(1, 5) == 'page:' then
    sites[#sites + 1] = rest:sub(6)
  elseif rest:sub(1, 6) == 'total:' and not (total_key ~= '' and rest == 'total:default') then
    add_total(key, rest:sub(7))
  end
end

local function scan_keys()
  if cursor == '' and total_key ~= '' then add_total(total_key, 'default') end
  local found = call('SCAN', scan, 'MATCH', prefix .. '*', 'COUNT', count)
  scan = found[1] == '0' and '-' or found[1]
  for _, key in ipairs(found[2]) do look(key) end
end

local function scan_pages()
  local site = sites[1]
  local found = call('HSCAN', prefix .. 'page:' .. site, hscan, 'COUNT', count)
  local pages = found[2]
  for i = 1, #pages, 2 do add('p' .. site .. '\n' .. pages[i], pages[i + 1]) end
  hscan = found[1]
  if hscan == '0' then table.remove(sites, 1) end
end

if cursor ~= '' then
  scan, hscan = cursor:match('^([%d-]+) (%d+)')
  if not scan then return {'?'} end
  for site in cursor:gmatch('\n([^\n]+)') do sites[#sites + 1] = site end
end
if #sites > 0 then
  scan_pages()
elseif scan ~= '-' then
  scan_keys()
end
if #sites > 0 or scan ~= '-' then
  items[1] = scan .. ' ' .. hscan
  if #sites > 0 then items[1] = items[1] .. '\n' .. table.concat(sites, '\n') end
end
return items
