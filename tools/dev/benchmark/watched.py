"""This program runs another one and tells what that took: watched.py PROGRAM ARGUMENT…

The last line of its standard output is JSON, if the other ended well. It is small itself: what a process has held in memory counts from
before the program in it was another, so this one's few megabytes are the least that it can tell.
"""

import json
import os
import sys
import time


def main():
    start = time.monotonic()
    _, status, usage = os.wait4(os.posix_spawnp(sys.argv[1], sys.argv[1:], os.environ), 0)
    seconds = time.monotonic() - start
    if status:
        sys.exit(1)
    print(json.dumps({"seconds": seconds, "cpu_seconds": usage.ru_utime + usage.ru_stime, "peak_bytes": usage.ru_maxrss * 1024}))


if __name__ == "__main__":
    main()
