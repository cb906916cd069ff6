-- Applies one commit of Footfall, or nothing (src/store/commit.h has the table).
--
-- KEYS  1                 the writer
--       next T            string counters
--       next W            records
--       then              hashes of counters, one key a group
-- ARGV  1, 2              number - 1 and number of the commit, 16 hex digits each
--       3                 seconds until an idle writer is forgotten
--       4, 5, 6           T, how many of their totals are wanted, W
--       T of              delta
--       W of              expected version (empty: absent), seconds to live (empty: delete),
--                         new version and value
--       each group        n, how many totals are wanted, deltas as n bytes (each 1 to 255) or
--                         empty, n fields, and when the deltas are empty n deltas
--
-- Returns "D" and the wanted totals, each after a space: done; a list of the records: conflict;
-- "N": no such writer; "L" and a number: that is the last one of the writer; "R" and a text:
-- refused, nothing was applied.
--
-- All that can fail is done before the first write. Redis runs the script alone, so what was
-- checked stays true. It keeps to what Redis 6.2 knows. Speed decides how it is written: what is
-- done once per counter is done as seldom and with as few strings as possible.
local KEYS, ARGV, unpack, sub, find = KEYS, ARGV, unpack, string.sub, string.find
local call, byte, format, concat = redis.call, string.byte, string.format, table.concat
local ipairs, type = ipairs, type

local at = KEYS[1]    -- the key being looked at; a refusal names it
local written = false -- an error after the first write is no refusal any more

-- unpack() fails above some 8,000 values.
local CHUNK = 4000

-- Integers below this come unharmed through Lua's numbers and their conversion to text.
local EXACT = 1e14

local function part(list, first, last)
  local copy = {}
  for i = first, last do copy[i - first + 1] = list[i] end
  return copy
end

local function refusal(why)
  return 'R' .. at .. ' ' .. why
end

-- The 10 upper and 9 lower digits of an integer, each with its sign.
local function halves(text)
  local sign = 1
  if sub(text, 1, 1) == '-' then sign, text = -1, sub(text, 2) end
  return sign * (tonumber(sub(text, 1, -10)) or 0), sign * tonumber(sub(text, -9))
end

-- Whether high * 10^9 + low is within 64 bits; 2^63 is 9223372036 854775808.
local function is_int64(high, low)
  high, low = high + math.floor(low / 1e9), low % 1e9
  return (high < 9223372036 or (high == 9223372036 and low <= 854775807))
     and (high > -9223372037 or (high == -9223372037 and low >= 145224192))
end

-- Whether INCRBY and HINCRBY will add `delta` to `held`: it must be an integer in its shortest
-- form, and stay one of 64 bits. Lua's numbers have 53 bits.
local function can_add(held, delta)
  if held ~= '0' and not find(held, '^-?[1-9]%d*$') then return false end
  if #held < 18 and #delta < 18 then return true end
  if #held > 20 then return false end
  local high, low = halves(held)
  local delta_high, delta_low = halves(delta)
  return is_int64(high, low) and is_int64(high + delta_high, low + delta_low)
end

-- The records' part: nil when all have the expected version, or what to return.
local function check_records(held, first, last, a)
  local conflict = false
  for i = first, last do
    local record = held[i]
    at = KEYS[i]
    -- What MGET calls absent may still be a key of another type.
    if record and #record < 8 or not record and call('EXISTS', at) == 1 then
      return refusal('holds no record of Footfall')
    end
    conflict = conflict or (record and sub(record, 1, 8) or '') ~= ARGV[a]
    a = a + 3
  end
  if conflict then
    at = KEYS[1]
    call('SET', at, ARGV[2] .. 'C', 'EX', ARGV[3])
    return part(held, first, last)
  end
end

-- The string counters' part: nil when all can be moved, or what to return.
local function check_strings(held, last)
  for i = 2, last do
    at = KEYS[i]
    if not held[i] and call('EXISTS', at) == 1 or not can_add(held[i] or '0', ARGV[i + 5]) then
      return refusal('holds no integer, or one that is full')
    end
  end
end

-- The new totals of a group as texts, in the place of the old ones, and the arguments of HSET that
-- writes them; nil when a number is not as usual.
local function add_small(totals, deltas, first)
  local pairs, j = {}, 0
  for i = 1, #deltas do
    local total = (totals[i] or 0) + deltas[i]
    if total >= EXACT or total <= -EXACT or total % 1 ~= 0 then return nil end
    total = format('%d', total)
    totals[i] = total
    pairs[j + 1] = ARGV[first + i - 1]
    j = j + 2
    pairs[j] = total
  end
  return pairs
end

-- Whether HINCRBY will add every delta of a group; the deltas become texts.
local function can_add_all(group)
  local held = call('HMGET', group.key, unpack(ARGV, group.first, group.last))
  for i = 1, #held do
    local delta = group.deltas[i]
    if type(delta) == 'number' then delta = format('%d', delta) end
    group.deltas[i] = delta
    if not can_add(held[i] or '0', delta) then return false end
  end
  return true
end

-- The hashes' part: a list of groups ready to be written, or nil and what to return.
local function check_groups(first_key, a)
  local groups = {}
  for k = first_key, #KEYS do
    at = KEYS[k]
    local n, wanted, deltas, first = ARGV[a] + 0, ARGV[a + 1] + 0, ARGV[a + 2], a + 3
    local last = first + n - 1
    local group = {key = at, first = first, last = last, wanted = wanted}
    a = last + 1
    group.totals = call('HMGET', at, unpack(ARGV, first, last))
    if #deltas == n then
      group.deltas = {byte(deltas, 1, n)}
      group.pairs = add_small(group.totals, group.deltas, first)
    else
      group.deltas = {unpack(ARGV, a, a + n - 1)}
      a = a + n
    end
    if not group.pairs and not can_add_all(group) then
      return nil, refusal('holds no integer, or one that is full')
    end
    groups[k - first_key + 1] = group
  end
  return groups
end

local function write_group(group)
  if group.pairs then
    call('HSET', group.key, unpack(group.pairs))
    return
  end
  for i, delta in ipairs(group.deltas) do
    call('HINCRBY', group.key, ARGV[group.first + i - 1], delta)
    written = true
  end
  group.totals = call('HMGET', group.key, unpack(ARGV, group.first, group.last))
end

local function write_all(groups, T, W)
  local result = {'D'}
  for i = 2, T + 1 do
    at = KEYS[i]
    local total = call('INCRBY', at, ARGV[i + 5])
    written = true
    if i <= ARGV[5] + 1 then
      result[i] = total < EXACT and total > -EXACT and format('%d', total) or call('GET', at)
    end
  end
  for _, group in ipairs(groups) do
    at = group.key
    write_group(group)
    written = true
    if group.wanted > 0 then
      result[#result + 1] = concat(group.totals, ' ', 1, group.wanted)
    end
  end
  for i = 1, W do
    local a = 4 + T + 3 * i -- its expected version
    at = KEYS[T + 1 + i]
    if ARGV[a + 1] == '' then
      call('DEL', at)
    else
      call('SET', at, ARGV[a + 2], 'EX', ARGV[a + 1])
    end
    written = true
  end
  result = concat(result, ' ')
  at = KEYS[1]
  call('SET', at, ARGV[2] .. result, 'EX', ARGV[3])
  return result
end

local function commit()
  local T, W = ARGV[4] + 0, ARGV[6] + 0
  local strings = 1 + T + W
  local held = call('MGET', unpack(KEYS, 1, strings < CHUNK and strings or CHUNK))
  for first = CHUNK + 1, strings, CHUNK do
    local more = call('MGET', unpack(KEYS, first, math.min(first + CHUNK - 1, strings)))
    for i = 1, #more do held[first + i - 1] = more[i] end
  end

  local writer = held[1]
  if not writer then return 'N' end
  local number = sub(writer, 1, 16)
  if number == ARGV[2] then
    local result = sub(writer, 17)
    return result == 'C' and part(held, T + 2, strings) or result
  end
  if number ~= ARGV[1] then return 'L' .. number end

  local other = W > 0 and check_records(held, T + 2, strings, 7 + T) or check_strings(held, T + 1)
  if other then return other end
  local groups
  groups, other = check_groups(strings + 1, 7 + T + 3 * W)
  return other or write_all(groups, T, W)
end

local ok, result = pcall(commit)
if ok then return result end
-- Redis 7 throws tables, Redis 6.2 and Lua itself throw texts.
local why = type(result) == 'table' and result.err or tostring(result)
if written then return redis.error_reply('ERR ' .. at .. ': ' .. why) end
return refusal(why)
