-- Carry out one wish (writes.py) in one step: once per key, if the room's rules allow it; then tell everyone.
-- KEYS: once; rules, words, kept, copies and spoke of the room; then log, meta, live, state of each put's room; last
-- the `once` of what is to be forgotten, if it is named by its key.
-- ARGV: Unix milliseconds, user, epoch of rooms that begin now, entries to keep, seconds to remember the key,
-- options as JSON or ''; then of each put: room, user, event JSON without its place, part, rule, value of the rule.
-- Returns {status, epoch and offset of the first event, detail, rooms that began}.

-- Of one room's state; a newcomer reads it all. Some is spared for moderators: who floods a desk shall not keep them
-- from a ban. Bytes are refused once there are so many, so one event more may be there.
local MOST_PARTS, SPARE_PARTS = 2000, 100
local MOST_BYTES, SPARE_BYTES = 2097152, 65536
local DAY = 86400000 -- milliseconds
local now, user, born, keep, remember = tonumber(ARGV[1]), ARGV[2], ARGV[3], tonumber(ARGV[4]), ARGV[5]
local o = ARGV[6] ~= '' and cjson.decode(ARGV[6]) or {}
local rules, words, kept, copies, spoke = KEYS[2], KEYS[3], KEYS[4], KEYS[5], KEYS[6]
local puts = (#ARGV - 6) / 6
local began = {}

local function keys(i)
    return KEYS[3 + 4 * i], KEYS[4 + 4 * i], KEYS[5 + 4 * i], KEYS[6 + 4 * i]
end

local function no(status, detail)
    return {status, '', 0, detail or '', {}}
end

local function fields(entry)
    local found = {at = tonumber(string.match(entry[1], '^%d+'))}
    for i = 1, #entry[2], 2 do
        found[entry[2][i]] = entry[2][i + 1]
    end
    return found
end

-- What an event says, without what repeats it around it: `said` is the last field, and a quote in a text is escaped.
local function inner(event)
    return string.match(event, ',"said":({.*})}$') or event
end

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
    for _, word in ipairs(redis.call('SMEMBERS', words)) do
        if string.find(o.plain, ' ' .. word, 1, true) then
            return true
        end
    end
end

-- What is to be forgotten: a list of fields(entry); or nothing and a status.
local function doomed()
    local log, meta, _, state = keys(1)
    local found = {}
    if o.written then
        o.epoch, o.target = string.match(redis.call('GET', KEYS[#KEYS]) or '', '^(%S+) (%d+)')
        if not o.target then
            return nil, 'unknown'
        end
    elseif o.ends then
        for _, part in ipairs(o.ends) do
            local at = string.match(redis.call('HGET', state, part) or '', '^%d+')
            local entry = at and redis.call('XRANGE', log, at .. '-0', at .. '-0')[1]
            local trimmed = at and {at = tonumber(at), x = redis.call('HGET', meta, 'epoch')}
            found[#found + 1] = entry and fields(entry) or trimmed
        end
        return found
    elseif o.person then
        for _, entry in ipairs(redis.call('XRANGE', log, '-', '+')) do
            local one = fields(entry)
            if one.u == o.person and not one.g and not one.p then
                found[#found + 1] = one
            end
        end
        return found
    end
    local target, epoch = tonumber(o.target), redis.call('HGET', meta, 'epoch')
    if not epoch or target < 1 or target > tonumber(redis.call('HGET', meta, 'top') or '0') then
        return nil, 'unknown'
    end
    local entry = redis.call('XRANGE', log, target .. '-0', target .. '-0')[1]
    if entry then
        found[1] = fields(entry)
        if found[1].g or (found[1].p and not o.written) or (o.epoch and o.epoch ~= found[1].x) then
            -- A retraction stays, and what is or ends a part of the state, unless its author named it by its key; an
            -- offset of another life is another event.
            return nil, 'unknown'
        elseif o.author and o.author ~= found[1].u then
            return nil, 'foreign'
        end
    elseif o.epoch and o.epoch ~= epoch then
        return nil, 'unknown'
    elseif target > tonumber(redis.call('HGET', meta, 'floor') or '0') then
        return nil, 'already'
    elseif o.author then
        return nil, 'unknown' -- trimmed: only the archive knows whose it was, so only a moderator may
    else
        found[1] = {at = target, x = epoch}
    end
    return found
end

-- The bytes of the state of put i's room; counted where nobody has yet.
local function size(i)
    local _, meta, _, state = keys(i)
    local known = redis.call('HGET', meta, 'size')
    if known then
        return tonumber(known)
    end
    local bytes = 0
    for _, value in ipairs(redis.call('HVALS', state)) do
        bytes = bytes + #value
    end
    return bytes
end

-- A part of the state is another event from now on, or ended.
local function become(i, part, value)
    local _, meta, _, state = keys(i)
    redis.call('HSET', meta, 'size', size(i) + (value and #value or 0) - redis.call('HSTRLEN', state, part))
    if value then
        redis.call('HSET', state, part, value)
    else
        redis.call('HDEL', state, part)
    end
end

local function forget(found)
    local log, _, _, state = keys(1)
    local offsets, lives = {}, {}
    local function drop(at, life)
        redis.call('XDEL', log, at .. '-0')
        offsets[#offsets + 1] = at
        lives[#lives + 1] = life
    end
    for _, one in ipairs(found) do
        drop(one.at, one.x)
        -- Whoever missed what this one had made everybody forget learns it from its successor.
        local older = string.gmatch(one.l or '', '[^,]+')
        for at in string.gmatch(one.g or '', '%d+') do
            drop(tonumber(at), older())
        end
        if o.keep and one.e then
            redis.call('HSET', kept, one.at, one.u .. ' ' .. inner(one.e))
            redis.call('EXPIRE', kept, remember)
        end
        for at in string.gmatch(redis.call('HGET', copies, one.at) or '', '%d+') do
            drop(tonumber(at), one.x)
        end
        redis.call('HDEL', copies, one.at)
    end
    local forgotten = {}
    for _, at in ipairs(offsets) do
        forgotten[at] = true
    end
    -- Whoever missed the event that a part of the state was, cannot know what its number stands for.
    local ended, parts, own = {}, redis.call('HGETALL', state), string.gsub(ARGV[10], '^!', '')
    for i = 1, #parts, 2 do
        if forgotten[tonumber(string.match(parts[i + 1], '^%d+'))] then
            become(1, parts[i], nil)
            if parts[i] ~= own then
                ended[#ended + 1] = parts[i]
            end
        end
    end
    table.sort(ended)
    return table.concat(offsets, ','), table.concat(lives, ','), ended
end

-- The event that the first put repeats, or nothing; and whose it is if it comes back for good.
local function repeated()
    if o.restored then
        local whose, event = string.match(redis.call('HGET', kept, o.repeats) or '', '^(%S+) (.*)$')
        return event, whose
    end
    local log = keys(1)
    local entry = redis.call('XRANGE', log, o.repeats .. '-0', o.repeats .. '-0')[1]
    local one = entry and fields(entry)
    return one and not one.g and not one.p and inner(one.e)
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
    local limit = math.min(at - keep, archived)
    if limit > tonumber(redis.call('HGET', meta, 'floor') or '0') then
        redis.call('XTRIM', log, 'MINID', (limit + 1) .. '-0')
        redis.call('HSET', meta, 'floor', limit)
    end
end

-- Put number i; `more` is JSON behind the body's own fields, `marks` are fields of the entry besides the usual ones,
-- `author` whose event it is if not the one's who was named, `ended` further parts of the state that it ends.
local function put(i, more, marks, forgotten, author, ended)
    local log, meta, live = keys(i)
    local a = 6 * i
    local room, whose, body, part, rule, value = ARGV[a + 1], ARGV[a + 2], ARGV[a + 3], ARGV[a + 4], ARGV[a + 5], ARGV[a + 6]
    redis.call('HSETNX', meta, 'epoch', born)
    local epoch = redis.call('HGET', meta, 'epoch')
    local at = redis.call('HINCRBY', meta, 'top', 1)
    local event = '{"room":"' .. room .. '","at":' .. at .. ',' .. string.sub(body, 2, -2) .. more .. '}'
    if string.sub(part, 1, 1) == '!' then
        become(i, string.sub(part, 2), nil)
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
    return (string.match(redis.call('HGET', state, part) or '', '^%d+') or '0') == at
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
for i = 1, o.held and puts - 1 or puts do
    if is_full(i) then
        return no('full', ARGV[6 * i + 1])
    end
end
local held = false
if o.speech then
    local status, detail = silenced()
    if status then
        return no(status, detail)
    end
    held = not o.free and o.plain and suspicious()
    if held and o.held and is_full(puts) then
        return no('full', ARGV[6 * puts + 1])
    end
end
local more, marks, forgotten, author, ended = '', {}, nil, nil, {}
if o.target or o.person or o.ends or o.written then
    local found, status = doomed()
    if not found then
        return no(status)
    end
    local lives
    forgotten, lives, ended = forget(found)
    more = #ended > 0 and ',"ends":' .. cjson.encode(ended) or ''
    if forgotten ~= '' or o.person then
        marks = {'g', forgotten, 'l', lives}
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

local first, last = 1, o.held and puts - 1 or puts
if held and o.held then
    first, last = puts, puts
end
local epoch, at = put(first, more, marks, forgotten, author, ended)
for i = first + 1, last do
    local only = o.only and o.only[tostring(i)]
    if not only or is_still(only) then
        put(i, '', {})
    end
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
    else
        local others = redis.call('HGET', copies, o.repeats)
        redis.call('HSET', copies, o.repeats, (others and others .. ',' or '') .. at)
    end
end
local status = held and 'held' or 'done'
redis.call('SET', KEYS[1], epoch .. ' ' .. at .. (held and ' held' or ''), 'EX', remember)
return {status, epoch, at, '', began}
