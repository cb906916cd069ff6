-- The first part of the script that applies commits: listed records and rollups. redis_commit.lua is
-- the other one, and begins the story.
local at = KEYS[1] -- the key being looked at; a refusal names it

-- For listed records and rollups: checks what is to be done to them, and returns the commands that
-- do it. `key` and `a` say where in KEYS and ARGV they begin.
--
-- ARGV  a                 in two bytes each how many records enter the index, how many leave it, and
--                         of how many sites there are rollups; then these records
--       each group        a head; its n fields; and their names, if the head says so
--
-- A head has in 4 bytes the rows its list may have (0: any number), in 2 bytes each n and the site,
-- then a byte for names and one for a list of minutes, then the deltas, five a row. Numbers of rows,
-- held or added, have 1, 2, 4 or 8 bytes each, as redis_row.h has it. Names are in 2 bytes each
-- the lengths of each row's text and title, then these, one behind the other.
local function make_commands(key, a)
  local KEYS, ARGV, call, unpack, byte, sub, unpack_numbers, pack_numbers =
    KEYS, ARGV, redis.call, unpack, string.byte, string.sub, struct.unpack, struct.pack
  local FORMATS = {[5] = '<bbbbb', [10] = '<hhhhh', [20] = '<i4i4i4i4i4', [40] = '<i8i8i8i8i8'}
  local CHUNK, EXACT = 4000, 1e14 -- as commit() has them
  local OTHER = '\0\0\0\0\0\0\0\1' -- VALUE_OTHER of rollup.h
  -- Lists of minutes: the first one, how long they live, and how many may be alive.
  local FIRST_MINUTE, MINUTE_TTL, MINUTES_KEPT = '40000000', '3600', 61
  local commands = {}
  local sizes = {}  -- by list: how many rows it has, those of this commit too
  local names = {}  -- by site: the arguments of the HSET that is being filled
  local others = {} -- by list: the row of what its cap kept out: key, field, five numbers

  local function unpack_row(row)
    local format = FORMATS[#row]
    if not format then error({err = 'holds no row of Footfall'}) end
    return unpack_numbers(format, row)
  end

  local function pack_row(views, visits, visitors, bounces, seconds)
    local low, high = views, views
    if visits > high then high = visits elseif visits < low then low = visits end
    if visitors > high then high = visitors elseif visitors < low then low = visitors end
    if bounces > high then high = bounces elseif bounces < low then low = bounces end
    if seconds > high then high = seconds elseif seconds < low then low = seconds end
    if low >= -128 and high < 128 then
      return pack_numbers('<bbbbb', views, visits, visitors, bounces, seconds)
    elseif low >= -32768 and high < 32768 then
      return pack_numbers('<hhhhh', views, visits, visitors, bounces, seconds)
    elseif low >= -2147483648 and high < 2147483648 then
      return pack_numbers('<i4i4i4i4i4', views, visits, visitors, bounces, seconds)
    elseif low > -EXACT and high < EXACT then
      return pack_numbers('<i8i8i8i8i8', views, visits, visitors, bounces, seconds)
    end
    error({err = 'holds a number that is full'})
  end

  -- How many rows the list `at` has. One without rows is new: it enters the index of its site.
  local function size_of(lists, is_minute)
    local list = at
    local size = sizes[list] or call('HLEN', list)
    if size == 0 then
      local bucket = list:match(':(%d+):%d+$')
      at = lists
      call('ZCARD', lists)
      commands[#commands + 1] = {'ZADD', lists, bucket, list}
      if is_minute then -- those that have ended leave the index
        commands[#commands + 1] = {'ZREMRANGEBYSCORE', lists, FIRST_MINUTE, bucket - MINUTES_KEPT}
      end
      at = list
    end
    return size
  end

  -- Takes a name into the next HSET of its site.
  local function add_name(hash, id, text, title)
    local command = names[hash]
    if not command then
      local list = at
      at = hash
      call('HLEN', hash)
      at = list
    end
    if not command or #command > CHUNK then
      command = {'HSET', hash}
      names[hash] = command
      commands[#commands + 1] = command
    end
    local n = #command
    command[n + 1], command[n + 2] = id, text
    if title ~= '' then command[n + 3], command[n + 4] = 't' .. id, title end
  end

  local a1, a0, r1, r0, s1, s0 = byte(ARGV[a], 1, 6)
  local added, removed, sites = a1 * 256 + a0, r1 * 256 + r0, s1 * 256 + s0
  a = a + 1
  if added + removed > 0 then
    at = KEYS[key]
    call('ZCARD', at)
    for i = 1, added do commands[i] = {'ZADD', at, '0', ARGV[a + i - 1]} end
    a = a + added
    for i = 1, removed do commands[added + i] = {'ZREM', at, ARGV[a + i - 1]} end
    a = a + removed
    key = key + 1
  end

  local site_keys = key
  for key = key + sites + sites, #KEYS do
    at = KEYS[key]
    local head, first = ARGV[a], a + 1
    local cap, n, site, has_names, is_minute, next_delta = unpack_numbers('>I4I2I2BB', head)
    local format = FORMATS[(#head - 10) / n]
    local names_key, lists_key = KEYS[site_keys + site + site], KEYS[site_keys + site + site + 1]
    local rows = call('HMGET', at, unpack(ARGV, first, first + n - 1))
    -- As long as it will be, whatever comes behind the fields.
    local command = {'HSET', at, unpack(ARGV, first, first + n + n - 1)}
    local other = #ARGV[first] == 8 and OTHER or OTHER .. OTHER
    local p, size = 2, nil
    local texts, named, text_end = '', 0, 4 * n
    a = first + n
    if has_names == 1 then texts, a = ARGV[a], a + 1 end
    for i = 1, n do
      local field, row = ARGV[first + i - 1], rows[i]
      local views, visits, visitors, bounces, seconds
      views, visits, visitors, bounces, seconds, next_delta =
        unpack_numbers(format, head, next_delta)
      if not row then
        size = size or size_of(lists_key, is_minute == 1)
        if cap > 0 and size >= cap then
          field = other
        elseif field ~= other then
          size = size + 1
          if has_names == 1 then
            local text, title
            while named < i do
              local t1, t0, l1, l0 = byte(texts, 4 * named + 1, 4 * named + 4)
              local text_start, title_start = text_end + 1, text_end + t1 * 256 + t0 + 1
              text_end = title_start + l1 * 256 + l0 - 1
              text, title = text_start, title_start
              named = named + 1
            end
            if title > text then
              add_name(names_key, field, sub(texts, text, title - 1), sub(texts, title, text_end))
            end
          end
        end
      end
      if field == other then
        row = others[at]
        if not row then
          local held = call('HMGET', at, field)[1]
          if not held then size = size + 1 end
          row = {at, field, unpack_row(held or '\0\0\0\0\0')}
          others[at] = row
        end
        row[3], row[4], row[5] = row[3] + views, row[4] + visits, row[5] + visitors
        row[6], row[7] = row[6] + bounces, row[7] + seconds
      else
        if row then
          local held_views, held_visits, held_visitors, held_bounces, held_seconds = unpack_row(row)
          views, visits, visitors = views + held_views, visits + held_visits, visitors + held_visitors
          bounces, seconds = bounces + held_bounces, seconds + held_seconds
        end
        command[p + 1] = field
        command[p + 2] = pack_row(views, visits, visitors, bounces, seconds)
        p = p + 2
      end
    end
    for i = p + 1, n + n + 2 do command[i] = nil end
    if p > 2 then commands[#commands + 1] = command end
    if is_minute == 1 then commands[#commands + 1] = {'EXPIRE', at, MINUTE_TTL} end
    if size then sizes[at] = size end
  end
  for list, row in pairs(others) do
    at = list
    commands[#commands + 1] = {'HSET', list, row[2], pack_row(unpack(row, 3, 7))}
  end
  return commands
end

