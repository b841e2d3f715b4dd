"""What croniter and cronsim say to the same questions.

Reads a JSON array of {"expression", "zone", "from", "count"} from the file named first, `from` in seconds since 1970, and
writes an array of {"cronsim": [seconds…], "croniter": [seconds…]} to standard output; or {"error": …} where one gives up.
"""

import json
import signal
import sys
from datetime import datetime
from itertools import islice
from zoneinfo import ZoneInfo

from croniter import croniter
from cronsim import CronSim


class OutOfTime(Exception):
    pass


def out_of_time(signum, frame):
    raise OutOfTime


def by_cronsim(expression, start, count):
    return [int(time.timestamp()) for time in islice(CronSim(expression, start), count)]


def by_croniter(expression, start, count):
    # It reads a day field that begins with * and has a step as cron does only where told so.
    times = croniter(expression, start, ret_type=datetime, implement_cron_bug=True)
    return [int(times.get_next().timestamp()) for _ in range(count)]


def answer(oracle, arguments):
    signal.setitimer(signal.ITIMER_REAL, 5)
    try:
        return oracle(*arguments)
    except Exception as error:  # noqa: BLE001 (whatever it is, it is this oracle's answer)
        return {"error": repr(error)}
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)


def main():
    with open(sys.argv[1], encoding="utf-8") as file:
        questions = json.load(file)
    signal.signal(signal.SIGALRM, out_of_time)
    answers = []
    for question in questions:
        start = datetime.fromtimestamp(question["from"], ZoneInfo(question["zone"]))
        arguments = question["expression"], start, question["count"]
        answers.append({"cronsim": answer(by_cronsim, arguments), "croniter": answer(by_croniter, arguments)})
    json.dump(answers, sys.stdout)


main()
