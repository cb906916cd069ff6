-- Reads out one step of everything that a shard keeps, but its writers: records, counters, rollups.
--
-- KEYS  1                 any key of the shard
-- ARGV  1                 how all keys of the shard begin
--       2                 the cursor; empty: from the beginning
--       3                 the key of the default site's total, when it is not the usual one
--       4                 about how many keys, or fields of hashes, to look at
--
-- Returns the next cursor (empty: that was all; "?": the one given is none), then two texts an item:
--
--       "rSECONDS KEY", value         a record with its seconds to live; -1: for ever
--       "tSITE", number               the total of a site
--       "pSITE\nPATH", number         a page
--       "lKEY", ""                    a list of rollups, its key without the prefix: of it are …
--       "vFIELD", numbers             … this row (redis_row.h) …
--       "nTEXT", title                … and what the row before is called
--
-- A cursor is "SCAN HSCAN" and a line for each hash that is not read out yet, its key without the
-- prefix. SCAN is Redis' own, "-" when it has come to its end; HSCAN is that of the first hash.
local prefix, cursor, total_key, count = ARGV[1], ARGV[2], ARGV[3], tonumber(ARGV[4])
local call = redis.call
local items = {''}
local hashes = {}
local scan, hscan = '0', '0'

local function add(name, value)
  items[#items + 1] = name
  items[#items + 1] = value
end

local function add_total(key, site)
  local number = call('GET', key)
  if number then add('t' .. site, number) end
end

local function add_record(key, name)
  local ms = call('PTTL', key)
  local record = call('GET', key)
  if record and #record >= 8 and (ms > 0 or ms == -1) then
    local seconds = ms == -1 and -1 or math.ceil(ms / 1000)
    add('r' .. string.format('%d', seconds) .. ' ' .. name, record:sub(9))
  end
end

local function look(key)
  local rest = key:sub(#prefix + 1)
  local kind = rest:match('^%a+:')
  if kind == 'record:' then
    add_record(key, rest:sub(8))
  elseif kind == 'page:'
    or (kind == 'rollup:' or kind == 'within:') and rest:find('^%a+:[^:]+:%d+:%d+$') then
    hashes[#hashes + 1] = rest
  elseif kind == 'total:' and not (total_key ~= '' and rest == 'total:default') then
    add_total(key, rest:sub(7))
  end
end

local function scan_keys()
  if cursor == '' and total_key ~= '' then add_total(total_key, 'default') end
  local found = call('SCAN', scan, 'MATCH', prefix .. '*', 'COUNT', count)
  scan = found[1] == '0' and '-' or found[1]
  for _, key in ipairs(found[2]) do look(key) end
end

-- The names of a site for every second of the texts: texts, then titles. unpack() takes no more
-- than some thousand.
local function read_names(site, fields)
  local names = {}
  for first = 1, #fields, 4000 do
    local wanted = {}
    for i = first, math.min(first + 3999, #fields), 2 do
      wanted[#wanted + 1] = fields[i]
      wanted[#wanted + 1] = 't' .. fields[i]
    end
    for _, name in ipairs(call('HMGET', prefix .. 'name:' .. site, unpack(wanted))) do
      names[#names + 1] = name
    end
  end
  return names
end

local function add_rows(hash, fields)
  local site = hash:match('^rollup:([^:]+)')
  local names = site and #fields > 0 and read_names(site, fields) or {}
  add('l' .. hash, '')
  for i = 1, #fields, 2 do
    add('v' .. fields[i], fields[i + 1])
    if names[i] then add('n' .. names[i], names[i + 1] or '') end
  end
end

local function scan_hash()
  local hash = hashes[1]
  local found = call('HSCAN', prefix .. hash, hscan, 'COUNT', count)
  local fields = found[2]
  local site = hash:match('^page:(.*)')
  if site then
    for i = 1, #fields, 2 do add('p' .. site .. '\n' .. fields[i], fields[i + 1]) end
  else
    add_rows(hash, fields)
  end
  hscan = found[1]
  if hscan == '0' then table.remove(hashes, 1) end
end

if cursor ~= '' then
  scan, hscan = cursor:match('^([%d-]+) (%d+)')
  if not scan then return {'?'} end
  for hash in cursor:gmatch('\n([^\n]+)') do hashes[#hashes + 1] = hash end
end
if #hashes > 0 then
  repeat scan_hash() until #hashes == 0 or #items > count
elseif scan ~= '-' then
  scan_keys()
end
if #hashes > 0 or scan ~= '-' then
  items[1] = scan .. ' ' .. hscan
  if #hashes > 0 then items[1] = items[1] .. '\n' .. table.concat(hashes, '\n') end
end
return items
