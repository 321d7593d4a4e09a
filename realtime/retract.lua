-- Take one event out of a room's log and tell everyone to forget it: in one step, so that no later read has its text.
-- KEYS: log, meta, once, live.  ARGV: room, user, retraction JSON without its place, offset of the event,
-- user who must have written it or '', seconds to remember the key.
-- Returns {"done" | "again" | "already" | "unknown" | "foreign", epoch, offset of the retraction or 0}.

local known = redis.call('GET', KEYS[3])
if known then
    local epoch, at = string.match(known, '^(%S+) (%d+)$')
    return {'again', epoch, tonumber(at)}
end

local target = tonumber(ARGV[4])
local epoch = redis.call('HGET', KEYS[2], 'epoch')
if not epoch or target < 1 or target > tonumber(redis.call('HGET', KEYS[2], 'top') or '0') then
    return {'unknown', epoch or '', 0}
end

local entry = {}
local found = redis.call('XRANGE', KEYS[1], ARGV[4] .. '-0', ARGV[4] .. '-0')[1]
if found then
    for i = 1, #found[2], 2 do
        entry[found[2][i]] = found[2][i + 1]
    end
    if entry.g then
        return {'unknown', epoch, 0} -- a retraction itself stays
    end
    if ARGV[5] ~= '' and ARGV[5] ~= entry.u then
        return {'foreign', epoch, 0}
    end
elseif target > tonumber(redis.call('HGET', KEYS[2], 'floor') or '0') then
    return {'already', epoch, 0}
elseif ARGV[5] ~= '' then
    return {'unknown', epoch, 0} -- trimmed: only the archive knows whose it was, so only a moderator may
end

local at = redis.call('HINCRBY', KEYS[2], 'top', 1)
local event = '{"room":"' .. ARGV[1] .. '","at":' .. at .. ',' .. string.sub(ARGV[3], 2)
redis.call('XDEL', KEYS[1], ARGV[4] .. '-0')
-- l: the life the text was written in, by which the archive knows it; a room may have begun anew since
redis.call('XADD', KEYS[1], at .. '-0', 'e', event, 'u', ARGV[2], 'x', epoch, 'g', ARGV[4], 'l', entry.x or epoch)
redis.call('SET', KEYS[3], epoch .. ' ' .. at, 'EX', ARGV[6])
redis.call('PUBLISH', KEYS[4], epoch .. ' ' .. at .. ' ' .. ARGV[4] .. ' ' .. event)
return {'done', epoch, at}
