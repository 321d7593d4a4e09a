-- One wish (writes.py) and the rooms it is about: the first of three pieces of one script; write.lua is the last.
-- KEYS: once; rules, words, kept, copies and spoke (or rationed) of the room; then log, meta, live, state of each put's room; last
-- the `once` of what is to be forgotten, if it is named by its key, or log and meta of the room of what is repeated at the desk.
-- ARGV: Unix milliseconds, user, epoch of rooms that begin now, entries to keep, seconds to remember the key,
-- options as JSON or ''; then of each put: room, user, event JSON without its place, part, rule, value of the rule.

local DAY = 86400000 -- milliseconds
local now, user, born, keep, remember = tonumber(ARGV[1]), ARGV[2], ARGV[3], tonumber(ARGV[4]), ARGV[5]
local o = ARGV[6] ~= '' and cjson.decode(ARGV[6]) or {}
local rules, words, kept, copies, spoke = KEYS[2], KEYS[3], KEYS[4], KEYS[5], KEYS[6]
local puts = (#ARGV - 6) / 6
local common = puts - (o.held or 0) -- behind these is what is put instead when it is held
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

