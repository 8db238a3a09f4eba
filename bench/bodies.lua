-- wrk: requests made once, a POST of each line to one path.

local requests, n, i = {}, 0, 0

function init(args)
    for line in io.lines(args[1]) do
        n = n + 1
        requests[n] = wrk.format("POST", args[2],
            { ["Content-Type"] = "application/json" }, line)
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
