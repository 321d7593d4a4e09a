-- Put one event at the end of a room's log and tell everyone, once per key.
-- KEYS: log, meta, once, live.  ARGV: room, user, event JSON without its place, epoch if the room begins now,
-- entries to keep, seconds to remember the key.
-- Returns {"done" | "again", epoch, offset}.

local known = redis.call('GET', KEYS[3])
if known then
    local epoch, at = string.match(known, '^(%S+) (%d+)$')
    return {'again', epoch, tonumber(at)}
end

redis.call('HSETNX', KEYS[2], 'epoch', ARGV[4])
local epoch = redis.call('HGET', KEYS[2], 'epoch')
local at = redis.call('HINCRBY', KEYS[2], 'top', 1)
local event = '{"room":"' .. ARGV[1] .. '","at":' .. at .. ',' .. string.sub(ARGV[3], 2)

redis.call('XADD', KEYS[1], at .. '-0', 'e', event, 'u', ARGV[2], 'x', epoch)
redis.call('SET', KEYS[3], epoch .. ' ' .. at, 'EX', ARGV[6])
redis.call('PUBLISH', KEYS[4], epoch .. ' ' .. at .. ' 0 ' .. event)

-- Trimming goes in strides, because it costs more than an append; it never overtakes what the archive has stored.
if at % 64 == 0 then
    local archived = tonumber(redis.call('HGET', KEYS[2], 'archived') or '0')
    local limit = math.min(at - tonumber(ARGV[5]), archived)
    if limit > tonumber(redis.call('HGET', KEYS[2], 'floor') or '0') then
        redis.call('XTRIM', KEYS[1], 'MINID', (limit + 1) .. '-0')
        redis.call('HSET', KEYS[2], 'floor', limit)
    end
end
return {'done', epoch, at}
