-- What came after an offset, and where the room stands: one snapshot.
-- KEYS: log, meta, state.  ARGV: epoch if the room begins now, epoch and offset of the reader ('' and 0 for a
-- newcomer), most entries that still count as catching up, entries for a newcomer, in how many times as many they are
-- looked for, 1 when the reader is a worker that has heard the offset from Redis itself: a visitor may claim any; then of
-- what it heard last: offset, SHA-1 of the event.
-- Returns {epoch, top, resumed 0 | 1, floor, entries, state}; an entry is {offset, forgotten offsets, part, event JSON}.
-- Of a newcomer's, what is for the workers (".part") is left out; there is nothing else of the room after the floor.
-- The state, part and `<offset> <event JSON>` in turn, is for readers who are not resumed.

local epoch = redis.call('HGET', KEYS[2], 'epoch')
if not epoch then
    epoch = ARGV[1]
    redis.call('HSET', KEYS[2], 'epoch', epoch)
end
local top = tonumber(redis.call('HGET', KEYS[2], 'top') or '0')
local floor = tonumber(redis.call('HGET', KEYS[2], 'floor') or '0')
local after = tonumber(ARGV[3])

local function is_another()
    if ARGV[7] ~= '1' or ARGV[2] ~= epoch then
        return false
    end
    for i = 8, #ARGV, 2 do
        local entry = redis.call('XRANGE', KEYS[1], ARGV[i] .. '-0', ARGV[i] .. '-0')[1]
        if entry and redis.sha1hex(entry[2][2]) ~= ARGV[i + 1] then
            return true
        end
    end
    return after > top
end

if is_another() then
    -- Redis lost its last writes. Their offsets are or will be used again, so this is a new life; the archive may know
    -- more of the old one than there is now.
    epoch = ARGV[1]
    local archived = math.min(top, tonumber(redis.call('HGET', KEYS[2], 'archived') or '0'))
    redis.call('HSET', KEYS[2], 'epoch', epoch, 'archived', archived)
end

local function read(one)
    local fields = one[2] -- e, u and x come first, as write.lua put them
    local forgotten, part = '', ''
    for j = 7, #fields, 2 do
        if fields[j] == 'g' then
            forgotten = fields[j + 1]
        elseif fields[j] == 'p' then
            part = fields[j + 1]
        end
    end
    return {tonumber(string.match(one[1], '^%d+')), forgotten, part, fields[2]}
end

local function newest(most, looked_through)
    local found, looked, upto = {}, 0, '+'
    repeat
        local some = redis.call('XREVRANGE', KEYS[1], upto, '-', 'COUNT', most)
        for _, one in ipairs(some) do
            local entry = read(one)
            if not string.match(entry[3], '^!?%.') then
                found[#found + 1] = entry
            end
            looked, upto = looked + 1, '(' .. one[1]
            if #found == most or looked == looked_through then
                floor = entry[1] - 1 -- there may be older ones
                return found
            end
        end
    until #some < most
    return found
end

if ARGV[2] == epoch and after >= floor and after <= top and top - after <= tonumber(ARGV[4]) then
    local entries = {}
    for i, one in ipairs(redis.call('XRANGE', KEYS[1], '(' .. after .. '-0', '+')) do
        entries[i] = read(one)
    end
    return {epoch, top, 1, floor, entries, {}}
end
local backwards, entries = newest(tonumber(ARGV[5]), tonumber(ARGV[5]) * tonumber(ARGV[6])), {}
for i = #backwards, 1, -1 do
    entries[#entries + 1] = backwards[i]
end
return {epoch, top, 0, floor, entries, redis.call('HGETALL', KEYS[3])}
