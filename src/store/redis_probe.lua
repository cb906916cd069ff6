-- Finds out whether every write command of redis_commit.lua would be carried out now: rights,
-- memory, disk, role. Commands are tried on a key of ours, most of them so that they fail for its
-- type after all that is checked before. What is left after a success is nothing.
--
-- KEYS  1                 a key for this alone
-- Returns the first error that is not one of the two expected, as an error; else "OK".
local tries = {
  {'SET', KEYS[1], 'probe', 'EX', '10'},
  {'SET', KEYS[1], 'probe'},
  {'EXPIRE', KEYS[1], '10'},
  {'MGET', KEYS[1]},
  {'GET', KEYS[1]},
  {'EXISTS', KEYS[1]},
  {'INCRBY', KEYS[1], '1'},
  {'HMGET', KEYS[1], 'field'},
  {'HSET', KEYS[1], 'field', '1'},
  {'HINCRBY', KEYS[1], 'field', '1'},
  {'HLEN', KEYS[1]},
  {'ZCARD', KEYS[1]},
  {'ZADD', KEYS[1], '0', 'member'},
  {'ZREM', KEYS[1], 'member'},
  {'ZREMRANGEBYSCORE', KEYS[1], '0', '0'},
  {'DEL', KEYS[1]},
}
for _, try in ipairs(tries) do
  local reply = redis.pcall(unpack(try))
  local err = type(reply) == 'table' and reply.err
  if err and not string.find(err, 'WRONGTYPE', 1, true)
     and not string.find(err, 'not an integer', 1, true) then
    return reply
  end
end
return redis.status_reply('OK')
