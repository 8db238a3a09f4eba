-- wrk: requests made once, from lines "PATH" or "PATH <tab> ETAG".

local requests, n, i = {}, 0, 0

function init(args)
    for line in io.lines(args[1]) do
        local path, etag = line:match("^([^\t]+)\t?(.*)$")
        n = n + 1
        requests[n] = wrk.format("GET", (args[2] or "") .. path,
            etag ~= "" and { ["If-None-Match"] = etag } or nil)
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
