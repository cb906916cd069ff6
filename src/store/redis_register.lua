-- Makes a writer known with a number, or raises its number to that one.
--
-- KEYS  1                 the writer
-- ARGV  1                 the number, 16 hex digits: they compare like the numbers
--       2                 seconds until an idle writer is forgotten
-- Returns "OK" when it wrote, nil when the number is as high already.
local held = redis.call('GET', KEYS[1])
if held and held:sub(1, 16) >= ARGV[1] then return false end
return redis.call('SET', KEYS[1], ARGV[1] .. 'D', 'EX', ARGV[2])
