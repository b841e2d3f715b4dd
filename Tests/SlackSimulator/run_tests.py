#!/usr/bin/env python3
"""Runs the simulator's own tests, two files at a time. The exit status says whether all held.

run_tests.py [WORD…]      only the files whose names contain one of the words
"""

import os
import re
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

FOLDER = os.path.join(os.path.dirname(os.path.abspath(__file__)), "tests")
LIMIT = 90  # seconds for a file


def run(name):
    command = [sys.executable, "-W", "ignore", "-m", "unittest", name]
    process = subprocess.Popen(
        command, cwd=FOLDER, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    try:
        output, _ = process.communicate(timeout=LIMIT)
        return name, process.returncode, output
    except subprocess.TimeoutExpired:
        process.kill()
        return name, 1, process.communicate()[0] + f"\n{name} took more than {LIMIT} seconds\n"


def main():
    names = sorted(name[:-3] for name in os.listdir(FOLDER) if name.startswith("test_") and name.endswith(".py"))
    if len(sys.argv) > 1:
        names = [name for name in names if any(word in name for word in sys.argv[1:])]
    count, failed = 0, []
    with ThreadPoolExecutor(2) as pool:
        for name, status, output in pool.map(run, names):
            ran = re.search(r"Ran (\d+) test", output)
            count += int(ran.group(1)) if ran else 0
            print(f"{name}: {'ok' if status == 0 else 'FAILED'} {ran.group(0) if ran else ''}", flush=True)
            if status != 0:
                failed.append(name)
                print(output, flush=True)
    print(f"Ran {count} tests" + (f"; failed: {', '.join(failed)}" if failed else ""))
    sys.exit(1 if failed or not count else 0)


if __name__ == "__main__":
    main()
