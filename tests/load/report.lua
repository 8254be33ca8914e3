-- For wrk: its result as one line of JSON.
done = function(summary, latency, requests)
  local e = summary.errors
  io.write(string.format('{"requests": %d, "microseconds": %d, "errors": %d}\n', summary.requests, summary.duration,
                         e.connect + e.read + e.write + e.status + e.timeout))
end
