-- The only way to append. Everything is checked before the first write, because a failing script keeps what it wrote.
-- KEYS: stream, head, requests, feed, tasks.
-- ARGV: expected version, expected hash, new hash, kind (task | transcript), number of request keys, the keys, events.
local version, expected = tonumber(ARGV[1]), ARGV[1] .. ' ' .. ARGV[2]
local requests, is_task = tonumber(ARGV[5]), ARGV[4] == 'task'

for i = 6, 5 + requests do
  local known = redis.call('HGET', KEYS[3], ARGV[i])
  if known then
    return {'repeated', known}
  end
end

local head = redis.call('GET', KEYS[2]) or '0 '
if head ~= expected then
  return {'conflict', head}
end

-- These fail if a key holds another type.
redis.call('XLEN', KEYS[1])
redis.call('XLEN', KEYS[4])
redis.call('LLEN', KEYS[5])

local first = version + 1
for i = 6 + requests, #ARGV do
  version = version + 1
  redis.call('XADD', KEYS[1], string.format('%d-0', version), 'd', ARGV[i])
end
if is_task then
  for i = 6 + requests, #ARGV do
    redis.call('XADD', KEYS[4], '*', 'd', ARGV[i])
  end
  if first == 1 then
    redis.call('RPUSH', KEYS[5], string.match(KEYS[1], ':task:(.*)$'))
  end
end
redis.call('SET', KEYS[2], string.format('%d ', version) .. ARGV[3])
for i = 6, 5 + requests do
  redis.call('HSET', KEYS[3], ARGV[i], string.format('%d %d', first, version))
end
return 'appended'
