-- wrk: requests made once, one of each line of a file.
--
--     wrk ... -s bench/requests.lua URL -- FILE PREFIX       PATH [tab ETAG]
--     wrk ... -s bench/requests.lua URL -- FILE PATH post    bodies

local requests, n, i = {}, 0, 0

local function get(line, prefix)
    local path, etag = line:match("^([^\t]+)\t?(.*)$")

    return wrk.format("GET", (prefix or "") .. path,
        etag ~= "" and { ["If-None-Match"] = etag } or nil)
end

local function post(line, path)
    return wrk.format("POST", path,
        { ["Content-Type"] = "application/json" }, line)
end

function init(args)
    local make = args[3] == "post" and post or get

    for line in io.lines(args[1]) do
        n = n + 1
        requests[n] = make(line, args[2])
    end
end

function request()
    i = i + 1
    if i > n then i = 1 end
    return requests[i]
end

function done(summary, latency)
    io.write(string.format("RESULT %d %d %d %d\n", summary.requests,
        summary.duration, summary.errors.status,
        summary.errors.connect + summary.errors.read
        + summary.errors.write + summary.errors.timeout))
end
