-- Applies one commit of Footfall, or nothing (src/store/commit.h has the table).
--
-- KEYS  1                 the writer
--       next T            string counters
--       next W            records
--       next G            hashes of counters, one key a group
--       then, if it touches listed records or rollups: the index of these records; each site's
--                         names and index of lists; and lists of rollups, one key a group
-- ARGV  1                 the head: number - 1 and number of the commit, 16 hex digits each; then in
--                         two bytes each T, how many of their totals are wanted, W, and G; then "w" if
--                         a commit that was here before is to write something, for the sake of WAIT
--       T of              delta
--       W of              expected version (empty: absent; "*": any), seconds to live (empty: delete;
--                         "*": for ever), new version and value
--       each of G groups  a head: in two bytes each n and how many totals are wanted, in four the
--                         fields that its hash may have (0: any number), then the deltas as n bytes
--                         (each 1 to 255) or nothing; n fields; and n deltas if they are not in the
--                         head
--       the rest, if any  see make_commands()
--
-- Returns "D" and the wanted totals, each after a space (-1: of a field that its hash had no room
-- for): done; a list of the records: conflict; "N": no such writer; "L" and a number: that is the
-- last one of the writer; "R" and a text: refused, nothing was applied.
--
-- All that can fail is done before the first write, or is the first write. Redis runs the script
-- alone, so what was checked stays true. It keeps to what Redis 6.2 knows.
--
-- Its speed is most of what a hit costs Redis. A string made costs as much as ten steps of Lua, a
-- function made (each run makes them anew) as thirty, and so does a variable that functions share; an
-- argument passed as thirty, a call of Redis as a hundred. Hence long functions, heads in bytes, and
-- one call that reads all fields of a hash and one that writes them.
local written = false -- an error after the first write is no refusal any more

-- For the rare number that is large, or none of ours: returns the function that says whether
-- INCRBY and HINCRBY will add `delta` to `held`. `held` must be an integer in its shortest form,
-- and stay one of 64 bits. Lua's numbers have 53 bits, so they are taken in halves.
local function make_can_add()
  -- The upper digits and the 9 lower ones, each with the sign.
  local function halves(text)
    local sign = 1
    if text:sub(1, 1) == '-' then sign, text = -1, text:sub(2) end
    return sign * (tonumber(text:sub(1, -10)) or 0), sign * tonumber(text:sub(-9))
  end

  -- Whether high * 10^9 + low is within 64 bits; 2^63 is 9223372036 854775808.
  local function is_int64(high, low)
    high, low = high + math.floor(low / 1e9), low % 1e9
    return (high < 9223372036 or (high == 9223372036 and low <= 854775807))
       and (high > -9223372037 or (high == -9223372037 and low >= 145224192))
  end

  return function(held, delta)
    if held ~= '0' and not held:find('^-?[1-9]%d*$') or #held > 20 then return false end
    local high, low = halves(held)
    local delta_high, delta_low = halves(delta)
    return is_int64(high, low) and is_int64(high + delta_high, low + delta_low)
  end
end

local function refusal(why)
  return 'R' .. at .. ' ' .. why
end

local function commit()
  local KEYS, ARGV, call, unpack, sub, byte, format =
    KEYS, ARGV, redis.call, unpack, string.sub, string.byte, string.format
  local CHUNK = 4000          -- unpack() fails above some 8,000 values
  local EXACT = 1e14          -- integers below come unharmed through Lua's numbers and their texts
  local ABSENT = 0 / 0        -- no number, nor is what is added to it
  local NOT_MADE = '-1'       -- COUNTER_NOT_MADE of commit.h
  local WRITER_TTL = '604800' -- seconds until an idle writer is forgotten: STORE_WRITER_TTL_S
  local head = ARGV[1]
  local this = sub(head, 17, 32) -- number of this commit
  local T1, T0, wanted1, wanted0, W1, W0, G1, G0 = byte(head, 33, 40)
  local T, T_wanted, W = T1 * 256 + T0, wanted1 * 256 + wanted0, W1 * 256 + W0
  local can_add, sizes

  -- The first string counter needs no look: moving it is the first write, so it may fail. What
  -- KEYS has at i is at i - skipped in `held`, from the second key on.
  local skipped = T > 0 and 1 or 0
  local strings = 1 + T + W
  local last = strings < CHUNK and strings or CHUNK
  local held = call('MGET', at, unpack(KEYS, 2 + skipped, last))
  for first = CHUNK + 1, strings, CHUNK do
    last = math.min(first + CHUNK - 1, strings)
    local more = call('MGET', unpack(KEYS, first, last))
    for i = 1, #more do held[first - skipped + i - 1] = more[i] end
  end

  local writer = held[1]
  if not writer then return 'N' end
  local number = sub(writer, 1, 16)
  local conflict = false
  if number == this then
    local result = sub(writer, 17)
    if #head > 40 then call('SET', at, writer, 'EX', WRITER_TTL) end
    if result ~= 'C' then return result end
    conflict = true
  elseif number ~= sub(head, 1, 16) then
    return 'L' .. number
  end

  -- Records. What MGET calls absent may still be a key of another type.
  local a = 2 + T
  for i = T + 2, strings do
    local record = held[i - skipped]
    at = KEYS[i]
    if record and #record < 8 or not record and call('EXISTS', at) == 1 then
      return refusal('holds no record of Footfall')
    end
    conflict = conflict or (record and sub(record, 1, 8) or '') ~= ARGV[a] and ARGV[a] ~= '*'
    a = a + 3
  end
  if conflict then
    local records = {}
    for i = 1, W do records[i] = held[1 + T - skipped + i] end
    at = KEYS[1]
    if number ~= this then call('SET', at, this .. 'C', 'EX', WRITER_TTL) end
    return records
  end

  -- String counters.
  for i = 3, T + 1 do
    local total = held[i - 1]
    at = KEYS[i]
    can_add = can_add or make_can_add()
    if not total and call('EXISTS', at) == 1 or not can_add(total or '0', ARGV[i]) then
      return refusal('holds no integer, or one that is full')
    end
  end

  -- Hashes. A group is read by one call here and written by one below.
  local groups = {}
  local last_group = strings + G1 * 256 + G0
  for key = strings + 1, last_group do
    at = KEYS[key]
    local group, first, deltas = ARGV[a], a + 1, nil
    local n1, n0, k1, k0 = byte(group, 1, 4)
    local n, wanted = n1 * 256 + n0, k1 * 256 + k0
    local totals = call('HMGET', at, unpack(ARGV, first, first + n - 1))
    local pairs -- the arguments of HSET; nil: a number is not as usual, HINCRBY must do it
    local is_small, stop = #group > 8, n
    a = first + n
    if is_small then
      deltas = {byte(group, 9, n + 8)}
      -- Twice as long as the fields, whatever comes behind them: from the end on they move apart.
      pairs = {unpack(ARGV, first, first + n + n - 1)}
      for i = n, 1, -1 do
        local total = (totals[i] or ABSENT) + deltas[i]
        if total >= EXACT or total <= -EXACT or total % 1 ~= 0 then
          pairs, stop = nil, i
          break
        end
        total = format('%d', total)
        totals[i] = total
        pairs[i + i - 1] = pairs[i]
        pairs[i + i] = total
      end
    else
      deltas = {unpack(ARGV, a, a + n - 1)}
      a = a + n
    end
    if not pairs then
      -- In the order of the commit: new fields are made as long as there is room. Behind `stop`
      -- is none, and all is added.
      local c3, c2, c1, c0 = byte(group, 5, 8)
      local cap, p = ((c3 * 256 + c2) * 256 + c1) * 256 + c0, 0
      if is_small then pairs = {} end
      sizes = sizes or {} -- by hash: how many fields it has, those of this commit too
      for i = 1, n do
        local total, delta = totals[i], i <= stop and deltas[i] or 0
        if not total then
          local size = sizes[at] or call('HLEN', at)
          if cap > 0 and size >= cap then
            totals[i], deltas[i], delta = NOT_MADE, false, false
          else
            size = size + 1
          end
          sizes[at] = size
        end
        if pairs and delta then
          total = (total or 0) + delta
          if total >= EXACT or total <= -EXACT or total % 1 ~= 0 then
            pairs = nil
          else
            total = format('%d', total)
            totals[i] = total
            pairs[p + 1], pairs[p + 2] = ARGV[first + i - 1], total
            p = p + 2
          end
        end
      end
    end
    if not pairs then
      can_add = can_add or make_can_add()
      totals = call('HMGET', at, unpack(ARGV, first, first + n - 1))
      for i = 1, n do
        local delta = deltas[i]
        if type(delta) == 'number' then delta = format('%d', delta) end
        if delta and not can_add(totals[i] or '0', delta) then
          return refusal('holds no integer, or one that is full')
        end
        deltas[i] = delta
      end
    end
    groups[key - strings] = {at, wanted, totals, pairs or false, deltas, first, first + n - 1}
  end

  local commands = #KEYS > last_group and make_commands(last_group + 1, a)

  -- From here on everything is written. The result takes the place of what was read.
  held[1] = 'D'
  for i = 2, T + 1 do
    at = KEYS[i]
    local total = call('INCRBY', at, ARGV[i])
    written = true
    if i <= T_wanted + 1 then
      held[i] = total < EXACT and total > -EXACT and format('%d', total) or call('GET', at)
    end
  end
  local results = T_wanted + 1
  for g = 1, #groups do
    local group = groups[g]
    local wanted, totals, pairs = group[2], group[3], group[4]
    at = group[1]
    if not pairs then
      local deltas, first, last = group[5], group[6], group[7]
      for i = 1, #deltas do
        if deltas[i] then
          call('HINCRBY', at, ARGV[first + i - 1], deltas[i])
          written = true
        end
      end
      totals = call('HMGET', at, unpack(ARGV, first, last))
      for i = 1, wanted do totals[i] = totals[i] or NOT_MADE end
    elseif pairs[1] then
      call('HSET', at, unpack(pairs))
    end
    written = true
    if wanted > 0 then
      results = results + 1
      held[results] = table.concat(totals, ' ', 1, wanted)
    end
  end
  a = 2 + T
  for i = T + 2, strings do
    at = KEYS[i]
    if ARGV[a + 1] == '' then
      call('DEL', at)
    elseif ARGV[a + 1] == '*' then
      call('SET', at, ARGV[a + 2])
    else
      call('SET', at, ARGV[a + 2], 'EX', ARGV[a + 1])
    end
    written = true
    a = a + 3
  end
  for i = 1, commands and #commands or 0 do
    at = commands[i][2]
    call(unpack(commands[i]))
    written = true
  end
  local result = table.concat(held, ' ', 1, results)
  at = KEYS[1]
  call('SET', at, this .. result, 'EX', WRITER_TTL)
  return result
end

local ok, result = pcall(commit)
if ok then return result end
-- Redis 7 throws tables, Redis 6.2 and Lua itself throw texts.
local why = type(result) == 'table' and result.err or tostring(result)
if written then return redis.error_reply('ERR ' .. at .. ': ' .. why) end
return refusal(why)
