"""What Redis does in one step, in Lua, so that two workers never see half of it.

Every script of calls and operators gets ``KEYS[1]``, the prefix of all keys, and four moments in
seconds since 1970: now, and up to when a sign of life, a loss and an end are too old. Under memory
pressure Redis refuses a script's first write if it needs memory, and none after another write:
what gives memory back comes first where it must work even then.
"""

from __future__ import annotations

from typing import Final

from voice_agent.live.board import ANSWERED_S, ENDED_S, MOST_ORDERS
from voice_agent.live.channel import KEPT
from voice_agent.live.command import VALID_S
from voice_agent.live.hub import LINGER
from voice_agent.live.ports import LOST_S, SILENT_S

FORGET_FUNCTION: Final = """
local function forget(stream)
  local entries = redis.call('XRANGE', stream, '-', '+')
  if #entries == 0 then return end
  local rest = redis.call('PTTL', stream)
  redis.call('DEL', stream)
  for place, entry in ipairs(entries) do
    local id, values, kept = entry[1], entry[2], nil
    for i = 1, #values, 2 do
      if values[i] == 'kept' then kept = values[i + 1] end
    end
    if not kept then
      redis.call('XADD', stream, id, unpack(values))
    elseif kept ~= '' or place == #entries then
      redis.call('XADD', stream, id, 'seen', kept)
    end
  end
  redis.call('PEXPIRE', stream, rest)
end
"""
# The last entry always stays, be it empty: the next one's number is made from it.

PREFIX_SCRIPT: Final = (
    FORGET_FUNCTION
    + f"""
local p, now, silent, forgotten, ended = KEYS[1], ARGV[1], ARGV[2], ARGV[3], ARGV[4]
local function tell(name) redis.call('PUBLISH', p .. 'changes', name) end
local function refused(reply) return type(reply) == 'table' and reply.err end
local function sweep()
  for _, call in ipairs(redis.call('ZRANGEBYSCORE', p .. 'seen', '-inf', silent)) do
    local value = redis.call('HGET', p .. 'calls', call)
    if value then
      forget(p .. 'events:' .. call)
      if refused(redis.pcall('HSET', p .. 'lost', call, value)) then break end
      redis.call('ZADD', p .. 'lost-at', now, call)
      redis.call('EXPIRE', p .. 'lost', {LOST_S:.0f})
      redis.call('EXPIRE', p .. 'lost-at', {LOST_S:.0f})
      redis.call('HDEL', p .. 'calls', call)
    end
    redis.call('ZREM', p .. 'seen', call)
    tell(call)
  end
  for _, call in ipairs(redis.call('ZRANGEBYSCORE', p .. 'lost-at', '-inf', forgotten)) do
    redis.call('HDEL', p .. 'lost', call)
    redis.call('ZREM', p .. 'lost-at', call)
    tell(call)
  end
  local gone = redis.call('ZRANGEBYSCORE', p .. 'duty-seen', '-inf', silent)
  for _, operator in ipairs(gone) do
    redis.call('HDEL', p .. 'duty', operator)
    redis.call('ZREM', p .. 'duty-seen', operator)
  end
  if #gone > 0 then tell('duty') end
  redis.call('ZREMRANGEBYSCORE', p .. 'ended', '-inf', ended)
end
"""
)

SWEEP: Final = PREFIX_SCRIPT + "sweep()"

LOOK: Final = (
    PREFIX_SCRIPT
    + """
sweep()
local found = {}
for _, name in ipairs(redis.call('ZRANGEBYSCORE', p .. ARGV[6], ARGV[7], '+inf')) do
  local value = redis.call('HGET', p .. ARGV[5], name)
  if value then found[#found + 1] = value end
end
return found
"""
)
"""The values of hash ``ARGV[5]`` in the order of sorted set ``ARGV[6]``, from score ``ARGV[7]``."""

SHOW: Final = (
    PREFIX_SCRIPT
    + f"""
redis.call('SET', p .. 'worker:' .. ARGV[5], now, 'EX', {SILENT_S:.0f})
sweep()
for i = 6, #ARGV, 2 do
  local call, value = ARGV[i], ARGV[i + 1]
  if not redis.call('ZSCORE', p .. 'ended', call) then
    local before = redis.call('HGET', p .. 'calls', call)
    redis.call('ZADD', p .. 'seen', now, call)
    if before ~= value then
      redis.call('HSET', p .. 'calls', call, value)
      tell(call)
    end
    if redis.call('HDEL', p .. 'lost', call) > 0 then
      redis.call('ZREM', p .. 'lost-at', call)
    end
    redis.call('EXPIRE', p .. 'events:' .. call, {LINGER:.0f})
  end
end
redis.call('EXPIRE', p .. 'calls', {LOST_S:.0f})
redis.call('EXPIRE', p .. 'seen', {LOST_S:.0f})
"""
)
"""``ARGV[5]`` the worker, then calls and their snapshots in turn."""

END: Final = (
    PREFIX_SCRIPT
    + f"""
for i = 5, #ARGV do
  local call = ARGV[i]
  forget(p .. 'events:' .. call)
  redis.call('ZREM', p .. 'seen', call)
  redis.call('ZREM', p .. 'lost-at', call)
  if redis.call('HDEL', p .. 'calls', call) + redis.call('HDEL', p .. 'lost', call) > 0 then
    tell(call)
  end
  redis.call('ZADD', p .. 'ended', now, call)
  redis.call('EXPIRE', p .. 'ended', {ENDED_S + 1:.0f})
  redis.call('EXPIRE', p .. 'events:' .. call, {LINGER:.0f}, 'LT')
end
"""
)
"""``ARGV[5]`` and following: the calls."""

ATTEND: Final = (
    PREFIX_SCRIPT
    + f"""
local before = redis.call('HGET', p .. 'duty', ARGV[5])
redis.call('HSET', p .. 'duty', ARGV[5], ARGV[6])
redis.call('ZADD', p .. 'duty-seen', now, ARGV[5])
redis.call('EXPIRE', p .. 'duty', {SILENT_S:.0f})
redis.call('EXPIRE', p .. 'duty-seen', {SILENT_S:.0f})
if before ~= ARGV[6] then tell('duty') end
sweep()
"""
)
"""``ARGV[5]`` the key of operator and worker, ``ARGV[6]`` what is shown of them."""

LEAVE: Final = (
    PREFIX_SCRIPT
    + """
for i = 5, #ARGV do
  redis.call('ZREM', p .. 'duty-seen', ARGV[i])
  if redis.call('HDEL', p .. 'duty', ARGV[i]) > 0 then tell('duty') end
end
"""
)
"""``ARGV[5]`` and following: the keys of operators and worker."""

SEND: Final = (
    PREFIX_SCRIPT
    + f"""
local id, call, command, wanted = ARGV[5], ARGV[6], ARGV[7], ARGV[8]
local answer, claim = p .. 'answer:' .. id, p .. 'claim:' .. id
if redis.call('EXISTS', answer, claim) > 0 then return 1 end
if wanted == '0' then return 0 end
redis.call('SET', claim, '1', 'EX', {ANSWERED_S:.0f})
sweep()
local value = redis.call('HGET', p .. 'calls', call)
local is_json, snapshot = pcall(cjson.decode, value or '')
if not (is_json and type(snapshot) == 'table' and type(snapshot.worker) == 'string') then
  redis.call('XADD', answer, '*', 'outcome', 'no_call', 'holder', '')
  redis.call('EXPIRE', answer, {ANSWERED_S:.0f})
  return 1
end
local orders = p .. 'orders:' .. snapshot.worker
redis.call('XADD', orders, 'MAXLEN', '=', {MOST_ORDERS}, '*', 'command', command)
redis.call('EXPIRE', orders, {2 * VALID_S:.0f})
return 1
"""
)
"""``ARGV[5]`` and following: a command's identifier, its call, the command, ``0`` if it is stale.

Returns 1 if there is, or may be, an answer.
"""

ANSWER: Final = f"""
if redis.call('EXISTS', KEYS[1]) > 0 then return 0 end
redis.call('XADD', KEYS[1], '*', 'outcome', ARGV[1], 'holder', ARGV[2])
redis.call('EXPIRE', KEYS[1], {ANSWERED_S:.0f})
return 1
"""
"""``KEYS[1]`` where the answer goes; the first counts."""

FORGET: Final = FORGET_FUNCTION + "forget(KEYS[1])"

PUBLISH: Final = (
    FORGET_FUNCTION
    + f"""
local stream, forgets = KEYS[1], ARGV[1]
local number = 0
local newest = redis.call('XREVRANGE', stream, '+', '-', 'COUNT', 1)[1]
if newest then
  number = tonumber(string.match(newest[1], '^%d+'))
  for i = 1, #newest[2], 2 do
    if newest[2][i] == 'end' then return number end
  end
end
if forgets == '1' then forget(stream) end
for i = 2, #ARGV, 3 do
  local seen, kept, ends = ARGV[i], ARGV[i + 1], ARGV[i + 2]
  number = number + 1
  local oldest = string.format('%d', math.max(0, number - {KEPT - 1}))
  local id = string.format('%d-0', number)
  if ends == '1' then
    redis.call('XADD', stream, 'MINID', '=', oldest, id, 'seen', seen, 'end', '1')
    break
  elseif kept == seen then
    redis.call('XADD', stream, 'MINID', '=', oldest, id, 'seen', seen)
  else
    redis.call('XADD', stream, 'MINID', '=', oldest, id, 'seen', seen, 'kept', kept)
  end
end
redis.call('EXPIRE', stream, {LINGER:.0f})
return number
"""
)
"""``ARGV[1]`` is ``1`` if the words before are to be forgotten; then three values an observation.

They are: all of it, what is left of it without words, ``1`` if it is the end. Observations are
numbered without a gap; the newest one's number is returned.
"""
