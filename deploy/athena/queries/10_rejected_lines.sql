-- Rejected lines by reason, with an example. These are a sample; `_SUCCESS` has the exact counts.
SELECT dt,
       reason,
       count(*) AS kept_lines,
       min_by("file", "offset") AS first_file,
       min_by("lineNumber", "offset") AS first_line,
       min_by(found, "offset") AS found,
       min_by(substr(line, 1, 120), "offset") AS example
FROM rejected
WHERE dt = (SELECT max(dt) FROM rejected)
GROUP BY dt, reason
ORDER BY kept_lines DESC, reason
