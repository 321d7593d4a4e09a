-- Carry out one wish (writes.py) in one step: once per key, if the room's rules allow it; then tell everyone.
-- The last of three pieces of one script: behind wish.lua and message.lua.
-- Returns {status, epoch and offset of the first event, detail, rooms that began}.

-- Of one room's state; a newcomer reads it all. Some is spared for moderators: who floods a desk shall not keep them
-- from a ban. Bytes are refused once there are so many, so one event more may be there.
local MOST_PARTS, SPARE_PARTS = 2000, 100
local MOST_BYTES, SPARE_BYTES = 2097152, 65536
local TRIMMED_AT_ONCE = 1024 -- places: what a long outage of the archive left goes stride by stride

-- Speech: whether the room's rules let it through. Returns nothing, or the status and its detail.
local function silenced()
    local _, meta = keys(1)
    local rule = redis.call('HMGET', rules, 'ban:' .. user, 'mute:' .. user, 'closed', 'slow', 'block:' .. user)
    if rule[1] then
        return 'banned'
    elseif rule[5] or (o.guest and redis.call('EXISTS', meta) == 0) then
        return 'blocked'
    elseif rule[2] and tonumber(rule[2]) > now then
        return 'muted', tostring(tonumber(rule[2]) - now)
    elseif o.free then
        return
    elseif rule[3] then
        return 'closed'
    elseif rule[4] and user ~= '0' then -- 0: many in the hall, who do not wait for each other
        local left = redis.call('PTTL', spoke)
        if left > 0 then
            return 'slow', tostring(left)
        end
        redis.call('SET', spoke, '1', 'PX', tonumber(rule[4]) * 1000)
    end
end

local function suspicious()
    local found
    for _, word in ipairs(redis.call('SMEMBERS', words)) do
        local mark, bare = string.match(word, '^(!?)(.*)$')
        if string.find(o.plain, ' ' .. bare, 1, true) then
            found = mark == '!' and 'hidden' or found or 'held'
        end
    end
    return found
end

local function unread()
    if not o.upto then
        return redis.call('HINCRBY', rules, 'unread:' .. o.thread, 1)
    end
    local log, meta = keys(1)
    local top = tonumber(redis.call('HGET', meta, 'top') or '0') -- a client may claim to have read the future
    local upto = math.min(tonumber(o.upto), top)
    upto = math.max(upto, tonumber(redis.call('HGET', rules, 'read:' .. o.thread) or '0'))
    local count = 0
    if tonumber(redis.call('HGET', rules, 'unread:' .. o.thread) or '0') > 0 then -- else there is nothing to count
        for _, entry in ipairs(redis.call('XRANGE', log, '(' .. upto .. '-0', '+')) do
            if fields(entry).c == o.thread then
                count = count + 1
            end
        end
    end
    redis.call('HSET', rules, 'unread:' .. o.thread, count, 'read:' .. o.thread, upto)
    return count
end

-- Trimming goes in strides, because it costs more than an append; it never overtakes what the archive has stored.
local function trim(log, meta, at)
    local archived = tonumber(redis.call('HGET', meta, 'archived') or '0')
    local floor = tonumber(redis.call('HGET', meta, 'floor') or '0')
    local limit = math.min(at - keep, archived, floor + TRIMMED_AT_ONCE)
    if limit > floor then
        local edited = redis.call('EXISTS', copies) == 1 and redis.call('XRANGE', log, '-', limit .. '-0') or {}
        for _, entry in ipairs(edited) do
            local one = fields(entry)
            if one.t then
                redis.call('HDEL', copies, '@' .. one.t)
            elseif one.p then
                redis.call('HDEL', copies, '=' .. string.match(one.p, '^[^,]+')) -- behind it, what ended with it
            end
        end
        redis.call('XTRIM', log, 'MINID', (limit + 1) .. '-0')
        redis.call('HSET', meta, 'floor', limit)
    end
end

local leaves, takes = {}, {} -- puts whose part stays in the log; before which its event goes from there
for _, i in ipairs(o.leaves or {}) do
    leaves[i] = true
end
for _, i in ipairs(o.takes or {}) do
    takes[i] = true
end

-- Put number i; `more` is JSON behind the body's own fields, `marks` are fields of the entry besides the usual ones,
-- `author` whose event it is if not the one's who was named, `ended` further parts of the state that it ends.
local function put(i, more, marks, forgotten, author, ended)
    local log, meta, live, state = keys(i)
    local a = 6 * i
    local room, whose, body, part, rule, value = ARGV[a + 1], ARGV[a + 2], ARGV[a + 3], ARGV[a + 4], ARGV[a + 5], ARGV[a + 6]
    redis.call('HSETNX', meta, 'epoch', born)
    local epoch = redis.call('HGET', meta, 'epoch')
    local at = redis.call('HINCRBY', meta, 'top', 1)
    local event = '{"room":"' .. room .. '","at":' .. at .. ',' .. string.sub(body, 2, -2) .. more .. '}'
    local name = string.match(part, '^!?(.*)$')
    local stands = (leaves[i] or takes[i]) and string.match(redis.call('HGET', state, name) or '', '^%d+')
    if stands and takes[i] then
        redis.call('XDEL', log, stands .. '-0')
    elseif stands then
        redis.call('HSET', copies, '=' .. name, stands)
    end
    if string.sub(part, 1, 1) == '!' then
        become(i, name, nil)
    elseif part ~= '' then
        become(i, part, at .. ' ' .. event)
    end
    for _, name in ipairs(ended or {}) do
        part = part .. (part ~= '' and ',!' or '!') .. name
    end
    if part ~= '' then
        marks[#marks + 1] = 'p'
        marks[#marks + 1] = part
    end
    if rule ~= '' then
        if value == '' then
            redis.call('HDEL', rules, rule)
        else
            redis.call('HSET', rules, rule, value)
        end
    end
    redis.call('XADD', log, at .. '-0', 'e', event, 'u', author or whose, 'x', epoch, unpack(marks))
    redis.call('SPUBLISH', live, epoch .. ' ' .. at .. ' ' .. (forgotten and forgotten ~= '' and forgotten or '-') .. ' ' .. (part ~= '' and part or '-') .. ' ' .. event)
    if at == 1 then
        began[#began + 1] = room
    end
    if at % 64 == 0 then
        trim(log, meta, at)
    end
    return epoch, at
end

-- A conversation of an inbox: one that is there counts as none, of others so many are begun a day.
local function begin()
    if redis.call('HEXISTS', rules, 'unread:' .. o.begins) == 0 then
        local today = math.floor(now / DAY)
        local day, count = string.match(redis.call('HGET', rules, 'began') or '', '^(%d+) (%d+)$')
        count = tonumber(day) == today and tonumber(count) or 0
        if count >= o.most then
            return no('many', tostring((today + 1) * DAY - now))
        end
        redis.call('HSET', rules, 'began', today .. ' ' .. (count + 1))
        redis.call('SET', KEYS[1], born .. ' 0', 'EX', remember)
    end
    return {'done', born, 0, '', {}}
end

local known = redis.call('GET', KEYS[1])
if known then
    redis.call('EXPIRE', KEYS[1], remember) -- a write: on another connection WAIT waits for nothing else (engine.py)
    local epoch, at, held = string.match(known, '^(%S+) (%d+) ?(%a*)$')
    return {held == '' and 'again' or held, epoch, tonumber(at), '', {}}
elseif o.refuse then
    return no('refused', o.refuse)
elseif o.begins then
    return begin()
elseif not o.listed and redis.call('SCARD', words) > 0 then
    return no('words') -- say it again with the text as the list is spelled, and in its order what came behind it
end
-- Whether a part of a state is still the event of that offset: {number of a put in its room, part, offset}.
local function is_still(expected)
    local place, part, at = unpack(expected)
    local _, _, _, state = keys(place)
    local found = string.match(redis.call('HGET', state, part) or '', '^%d+') or '0'
    return found == at or (at == '-1' and found ~= '0')
end
for _, expected in ipairs(o.expects or {}) do
    if not is_still(expected) then
        return no('changed')
    end
end
-- What is there may be replaced by what is not longer, and a decision about it is always welcome.
local function is_full(i)
    local _, _, _, state = keys(i)
    local body, part = ARGV[6 * i + 3], ARGV[6 * i + 4]
    if o.expects or part == '' or string.sub(part, 1, 1) == '!' then
        return false
    end
    local had = redis.call('HSTRLEN', state, part)
    if had == 0 and redis.call('HLEN', state) >= MOST_PARTS - (o.speech and SPARE_PARTS or 0) then
        return true
    end
    return #body > had and size(i) >= MOST_BYTES - (o.speech and SPARE_BYTES or 0)
end
for i = 1, common do
    if is_full(i) then
        return no('full', ARGV[6 * i + 1])
    end
end
local held
if o.speech then
    local status, detail = silenced()
    if status then
        return no(status, detail)
    end
    if o.ration and tonumber(redis.call('GET', spoke) or '0') >= o.ration then
        return no('rationed', tostring(redis.call('PTTL', spoke)))
    end
    held = not o.free and o.plain and suspicious()
    for i = common + 1, held and puts or common do
        if is_full(i) then
            return no('full', ARGV[6 * i + 1])
        end
    end
end
local left_out = {}
for i, only in pairs(o.only or {}) do
    left_out[tonumber(i)] = not is_still(only)
end
local more, marks, forgotten, author, ended, again, edited = '', {}, nil, nil, {}, '', nil
if o.target or o.person or o.ends or o.written then
    local found, status = doomed()
    if found and o.instead then
        edited = found[1]
        again, status = rewritten(found[1])
        again = again and ',"said":' .. again
    end
    if not found or not again then
        return no(status)
    elseif not held then
        local lives
        forgotten, lives, ended = forget(found)
        more = (#ended > 0 and ',"ends":' .. cjson.encode(ended) or '') .. again
        if forgotten ~= '' or o.person then
            marks = {'g', forgotten, 'l', lives}
        end
        if o.instead then
            marks[5], marks[6], marks[7], marks[8] = 't', o.target, 'n', tonumber(edited.n or '0') + 1
        end
    end
elseif o.repeats then
    local said
    said, author = repeated()
    if not said then
        return no('unknown')
    end
    more = ',"said":' .. said
end
if o.thread then
    more = more .. ',"unread":' .. unread()
    if not o.upto then
        marks = {'c', o.thread}
    end
end

local instead = held and common < puts
local first, last = 1, common
if instead then
    first, last = common + 1, puts
    more = (held == 'hidden' and o.tells and ',"hidden":true' or '') .. (edited and ',"stood":' .. edited.at or '')
end
local epoch, at = put(first, more, marks, forgotten, author, ended)
if o.instead and not held then
    redis.call('HSET', copies, '@' .. o.target, at)
end
for i = first + 1, last do
    if not left_out[i] then
        -- What the desk is told of an edit, and what ends with it, has no copy of its text.
        local repeats = not instead and ARGV[6 * i + 1] == ARGV[7] and string.sub(ARGV[6 * i + 4], 1, 1) ~= '!'
        local _, other = put(i, instead and more or repeats and again or '', {})
        if o.instead and repeats then
            redis.call('HSET', copies, o.target, other)
        end
    end
end
if o.ration and redis.call('INCR', spoke) == 1 then
    redis.call('EXPIRE', spoke, o.lasts)
end
if o.words then
    redis.call('DEL', words)
    if #o.words > 0 then
        redis.call('SADD', words, unpack(o.words))
    end
end
if o.repeats then
    if o.restored then
        redis.call('HDEL', kept, o.repeats)
    elseif not o.elsewhere then
        local others = redis.call('HGET', copies, o.repeats)
        redis.call('HSET', copies, o.repeats, (others and others .. ',' or '') .. at)
    end
end
if instead then
    local _, meta = keys(1)
    epoch, at = redis.call('HGET', meta, 'epoch') or born, tonumber(redis.call('HGET', meta, 'top') or '0')
end
redis.call('SET', KEYS[1], epoch .. ' ' .. at .. (held and ' ' .. held or ''), 'EX', remember)
return {held or 'done', epoch, at, '', began}
