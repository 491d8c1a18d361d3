-- What wrk sends: requests of one form, each of them for a room and a member that no other is for, so that each does its work.
-- Arguments: a file with the form, how many rooms there are, the first member and how many there are of each room,
-- and `check` where the body of each reply is to be looked at, which costs the generator too much to be done while it counts.

local threads = {}

function setup(thread)
    table.insert(threads, thread)
end

function init(args)
    local file = assert(io.open(args[1], "rb"))
    pieces = {}
    -- {room} and {member} stand for five digits, so that the length of the body is always the same.
    for text, name in (file:read("*a") .. "{end}"):gmatch("(.-){(%l+)}") do
        table.insert(pieces, { text = text, name = name })
    end
    file:close()
    rooms, first, members = tonumber(args[2]), tonumber(args[3]), tonumber(args[4])
    sent, refused, example = 0, 0, ""
    if args[5] == "check" then
        response = function(status, headers, body)
            if status ~= 200 or not (body:find('"ErrorCode":0,', 1, true) or body:find('"ErrorCode":0}', 1, true)
                or body:find('"RC":0,', 1, true)) then
                refused, example = refused + 1, body
            end
        end
    end
end

function request()
    local numbers = {
        room = string.format("%05d", sent % rooms),
        member = string.format("%05d", first + math.floor(sent / rooms)),
    }
    sent = sent + 1
    local text = ""
    for _, piece in ipairs(pieces) do
        text = text .. piece.text .. (numbers[piece.name] or "")
    end
    return text
end

function done(summary, latency)
    local sent, refused, example, exhausted = 0, 0, "", false
    for _, thread in ipairs(threads) do
        sent = sent + thread:get("sent")
        refused = refused + thread:get("refused")
        example = thread:get("example")
        exhausted = exhausted or thread:get("sent") > thread:get("rooms") * thread:get("members")
    end
    local errors = summary.errors
    io.write(string.format(
        '\n{"requests": %d, "seconds": %f, "p50_us": %d, "p99_us": %d, "broken": %d, "refused": %d, "sent": %d, "exhausted": %s}\n',
        summary.requests, summary.duration / 1e6, latency:percentile(50), latency:percentile(99),
        errors.connect + errors.read + errors.write + errors.timeout + errors.status, refused, sent, tostring(exhausted)))
    if refused > 0 then
        io.write(example, "\n")
    end
end
