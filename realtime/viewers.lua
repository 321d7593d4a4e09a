-- Count the persons of one crowd over all workers; one worker says who came and who left with it.
--
-- KEYS  1 hash: person -> number of workers that hold them   2 hash: worker -> when it was last heard, ms
--       3 hash: what listeners were told last (count, at)    4 live channel
--       5 set: persons whom this worker holds
-- ARGV  1 worker   2 "1": what comes is everybody, else ""   3 how many it holds now   4 lease, ms
--       5 hint in front of the number, "" when nobody is told   6 how many came   then those who came, those who left
--
-- Returns the count; what listeners were told last, which follows it by and by; and 1 when Redis does not know what
-- this worker thinks it knows: then it must tell everybody.

local people, workers, told, live, own = KEYS[1], KEYS[2], KEYS[3], KEYS[4], KEYS[5]
local worker, whole, size, lease, hint, came = ARGV[1], ARGV[2] == '1', tonumber(ARGV[3]), tonumber(ARGV[4]), ARGV[5], tonumber(ARGV[6])
local clock = redis.call('TIME')
local now = clock[1] * 1000 + math.floor(clock[2] / 1000)

local function drop(set, person)
    if redis.call('SREM', set, person) == 1 and redis.call('HINCRBY', people, person, -1) <= 0 then
        redis.call('HDEL', people, person)
    end
end

if whole then
    local here = {}
    for i = 7, 6 + came do
        here[ARGV[i]] = true
    end
    for _, person in ipairs(redis.call('SMEMBERS', own)) do
        if not here[person] then
            drop(own, person)
        end
    end
end
for i = 7, 6 + came do
    if redis.call('SADD', own, ARGV[i]) == 1 then
        redis.call('HINCRBY', people, ARGV[i], 1)
    end
end
for i = 7 + came, #ARGV do
    drop(own, ARGV[i])
end

-- Who was not heard for a lease was killed. Whoever was not heard for so long itself (Redis stood still) judges nobody.
local heard = tonumber(redis.call('HGET', workers, worker) or '0')
if now - heard < lease then
    local all = redis.call('HGETALL', workers)
    for i = 1, #all, 2 do
        if now - tonumber(all[i + 1]) >= lease then
            local dead = people .. ':' .. all[i] -- in the same slot as the others
            for _, person in ipairs(redis.call('SMEMBERS', dead)) do
                drop(dead, person)
            end
            redis.call('HDEL', workers, all[i])
        end
    end
end

if size > 0 then
    redis.call('HSET', workers, worker, now)
    redis.call('PEXPIRE', own, 3 * lease)
else
    redis.call('HDEL', workers, worker)
end
for i = 1, 3 do
    redis.call('PEXPIRE', KEYS[i], 3 * lease) -- when every worker was killed, nobody is left to count
end

-- At once where few are; rarely where many are, and more rarely still when hardly anything changed.
local count = redis.call('HLEN', people)
local shown = count
if hint ~= '' then
    local last = redis.call('HMGET', told, 'count', 'at')
    local before, age = tonumber(last[1] or '-1'), now - tonumber(last[2] or '0')
    local change = math.abs(count - before)
    local pause = count < 100 and 1000 or count < 1000 and 2000 or 5000
    if change * 100 < count then
        pause = 30000
    end
    if change > 0 and (before < 0 or age >= pause) then
        redis.call('HSET', told, 'count', count, 'at', now)
        redis.call('PEXPIRE', told, 3 * lease)
        redis.call('SPUBLISH', live, hint .. count .. '}')
    else
        shown = before
    end
end
return {count, shown, redis.call('SCARD', own) == size and 0 or 1}
