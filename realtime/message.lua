-- Messages of a room, and what is taken out of its log for good: the second of three pieces of one script; wish.lua
-- comes first.

local MOST_EDITS = 50 -- of one message: each has all places before it with it

-- A message by its name, and what it is now: edited, it stands elsewhere and has the name as its field t. Anything
-- else that forgets others, or is or ends a part of the state, is no message.
local function message(log, target)
    local at = redis.call('HGET', copies, '@' .. target) or target
    local entry = redis.call('XRANGE', log, at .. '-0', at .. '-0')[1]
    local one = entry and fields(entry)
    if not one or one.t == target then
        return one, one
    end
    return one, not one.g and not one.p and one
end

-- Whether it is what a client saw, if they say in which life: the one it was put in, or the one that goes on with it.
local function was_seen(one, meta)
    return not o.epoch or o.epoch == one.x or o.epoch == redis.call('HGET', meta, 'epoch')
end

-- The message with another text: `text` and `when` are its last fields, and a quote in a text is escaped.
local function rewritten(one)
    local head, tail, when = string.match(inner(one.e or ''), '^(.*,"text":)".*"(,"when":(%d+)})$')
    if not head then
        return nil, 'unknown'
    elseif tonumber(when) < tonumber(o.since) then
        return nil, 'late'
    elseif o.stood and o.stood ~= tostring(one.at) then
        return nil, 'outdated'
    elseif tonumber(one.n or '0') >= MOST_EDITS then
        return nil, 'often'
    end
    return head .. o.instead .. tail
end

-- What of a person left the state and stayed in the log, in its order; from now on nobody knows that it did.
local function left_by(person, log)
    local found, all = {}, redis.call('HGETALL', copies)
    for i = 1, #all, 2 do
        if string.sub(all[i], 1, 1) == '=' then
            local entry = redis.call('XRANGE', log, all[i + 1] .. '-0', all[i + 1] .. '-0')[1]
            local one = entry and fields(entry)
            if one and one.u == person then
                redis.call('HDEL', copies, all[i])
                found[#found + 1] = one
            end
        end
    end
    table.sort(found, function(one, other) return one.at < other.at end)
    return found
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
            local left = redis.call('HGET', copies, '=' .. part)
            local at = string.match(redis.call('HGET', state, part) or left or '', '^%d+')
            redis.call('HDEL', copies, '=' .. part)
            local entry = at and redis.call('XRANGE', log, at .. '-0', at .. '-0')[1]
            local trimmed = at and {at = tonumber(at), x = redis.call('HGET', meta, 'epoch')}
            found[#found + 1] = entry and fields(entry) or trimmed
        end
        for _, one in ipairs(o.left and left_by(o.left, log) or {}) do
            found[#found + 1] = one
        end
        return found
    elseif o.person then
        for _, entry in ipairs(redis.call('XRANGE', log, '-', '+')) do
            local one = fields(entry)
            if one.u == o.person and (one.t or not one.g and not one.p) then
                found[#found + 1] = one
            end
        end
        return found
    end
    local target, epoch = tonumber(o.target), redis.call('HGET', meta, 'epoch')
    if not epoch or target < 1 or target > tonumber(redis.call('HGET', meta, 'top') or '0') then
        return nil, 'unknown'
    end
    local one, said = message(log, o.target)
    if one then
        found[1] = one
        if not (said or (o.written and not one.g)) or not was_seen(one, meta) then
            -- What is or ends a part of the state stays, unless its author named it by its key; an offset of another
            -- life is another event.
            return nil, 'unknown'
        elseif o.author and o.author ~= found[1].u then
            return nil, 'foreign'
        end
    elseif o.epoch and o.epoch ~= epoch then
        return nil, 'unknown'
    elseif target > tonumber(redis.call('HGET', meta, 'floor') or '0') then
        return nil, o.instead and 'unknown' or 'already'
    elseif o.author then
        return nil, 'unknown' -- trimmed: only the archive knows whose it was, so only a moderator may
    else
        found[1] = {at = target, x = epoch}
    end
    return found
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
        local name = one.t or one.at
        drop(one.at, one.x)
        -- Whoever missed what this one had made everybody forget learns it from its successor.
        local older = string.gmatch(one.l or '', '[^,]+')
        for at in string.gmatch(one.g or '', '%d+') do
            drop(tonumber(at), older())
        end
        if o.keep and one.e then
            redis.call('HSET', kept, name, one.u .. ' ' .. inner(one.e))
            redis.call('EXPIRE', kept, remember)
        end
        for at in string.gmatch(redis.call('HGET', copies, name) or '', '%d+') do
            drop(tonumber(at), one.x)
        end
        redis.call('HDEL', copies, name, '@' .. name)
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
    local log, meta = keys(1)
    if o.elsewhere then
        log, meta = KEYS[#KEYS - 1], KEYS[#KEYS]
    end
    local _, one = message(log, o.repeats)
    return one and was_seen(one, meta) and inner(one.e)
end

