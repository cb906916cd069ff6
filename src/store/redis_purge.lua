-- Drops lists of a site, or other keys of it.
--
-- KEYS  1                 the site's index of lists
--       the others        what is dropped
-- ARGV                    which of these are in the index
--
-- Redis frees what is large in the background.
if #KEYS > 1 then redis.call('UNLINK', unpack(KEYS, 2)) end
if #ARGV > 0 then redis.call('ZREM', KEYS[1], unpack(ARGV)) end
return redis.status_reply('OK')
