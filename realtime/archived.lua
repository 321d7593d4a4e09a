-- Note what Postgres has, so that trimming may follow.
-- KEYS: meta.  ARGV: epoch, offset.
-- Returns 1 when noted, 0 when the room lives another life by now or was further already.

if redis.call('HGET', KEYS[1], 'epoch') ~= ARGV[1] then
    return 0
end
if tonumber(ARGV[2]) <= tonumber(redis.call('HGET', KEYS[1], 'archived') or '0') then
    return 0
end
redis.call('HSET', KEYS[1], 'archived', ARGV[2])
return 1
