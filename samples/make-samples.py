#!/usr/bin/env python3
"""Writes sales.csv and q3-report.pdf beside itself: the same bytes every time, standard library only.

The report's figures are computed from the CSV, so that a question answered from one can be checked with the other.
"""

import csv
import datetime
import pathlib
import random

HERE = pathlib.Path(__file__).parent
REGIONS = {"North": 1.25, "South": 0.9, "East": 1.0, "West": 1.1}
PRODUCTS = {"Depth gauge": 240, "Flow meter": 410, "Tide logger": 980, "Service plan": 75}


def make_rows():
    dice = random.Random(20260930)
    day = datetime.date(2026, 1, 5)
    rows = []
    while day <= datetime.date(2026, 9, 30):
        for region, weight in REGIONS.items():
            product = dice.choice(list(PRODUCTS))
            growth = 1 + (day.month - 1) * 0.03
            # The storm in the second week of July closed the southern depot.
            if region == "South" and day.month == 7 and 6 <= day.day <= 20:
                continue
            units = max(1, round(dice.gauss(14, 5) * weight * growth))
            price = PRODUCTS[product]
            # From the first of August the tide logger costs 8 % more (see notes).
            if product == "Tide logger" and day >= datetime.date(2026, 8, 1):
                price = round(price * 1.08)
            rows.append((day.isoformat(), region, product, units, units * price))
        day += datetime.timedelta(days=3)
    return rows


def quarter(rows, months):
    return [row for row in rows if int(row[0][5:7]) in months]


def totals(rows, column):
    found = {}
    for row in rows:
        found[row[column]] = found.get(row[column], 0) + row[4]
    return found


def money(value):
    return f"EUR {value:,.0f}"


class Page:
    """One A4 page of text and bars in PDF operators."""

    def __init__(self):
        self.operators = []
        self.y = 780

    def text(self, words, size=11, bold=False, x=60, advance=None):
        escaped = words.replace("\\", r"\\").replace("(", r"\(").replace(")", r"\)")
        self.operators.append(f"BT /{'F2' if bold else 'F1'} {size} Tf {x} {self.y} Td ({escaped}) Tj ET")
        self.y -= advance if advance is not None else size + 6

    def paragraph(self, words):
        line = ""
        for word in words.split():
            if len(line) + len(word) > 88:
                self.text(line)
                line = ""
            line = f"{line} {word}".strip()
        self.text(line)
        self.y -= 8

    def table(self, headers, rows):
        columns = [60, 230, 360, 470]
        for x, header in zip(columns, headers):
            self.text(header, bold=True, x=x, advance=0)
        self.y -= 6
        self.operators.append(f"0.6 w 60 {self.y} m 535 {self.y} l S")
        self.y -= 14
        for row in rows:
            for x, cell in zip(columns, row):
                self.text(cell, x=x, advance=0)
            self.y -= 18
        self.y -= 10

    def bars(self, values):
        top = max(values.values())
        for name, value in values.items():
            width = 300 * value / top
            self.text(name, x=60, advance=0)
            self.operators.append(f"0.16 0.38 0.55 rg 150 {self.y - 3} {width:.1f} 13 re f 0 g")
            self.text(money(value), x=158 + width, advance=24)
        self.y -= 10


def pdf(pages, title):
    objects = [
        "<< /Type /Catalog /Pages 2 0 R /Lang (en) >>",
        f"<< /Type /Pages /Count {len(pages)} /Kids [{' '.join(f'{6 + 2 * i} 0 R' for i in range(len(pages)))}] >>",
        "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>",
        "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica-Bold /Encoding /WinAnsiEncoding >>",
        f"<< /Title ({title}) /Author (Tidewater Instruments) >>",
    ]
    for index, page in enumerate(pages):
        content = "\n".join(page.operators)
        objects.append(
            "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] "
            f"/Resources << /Font << /F1 3 0 R /F2 4 0 R >> >> /Contents {7 + 2 * index} 0 R >>"
        )
        objects.append(f"<< /Length {len(content)} >>\nstream\n{content}\nendstream")
    out = "%PDF-1.4\n"
    offsets = []
    for number, body in enumerate(objects, 1):
        offsets.append(len(out))
        out += f"{number} 0 obj\n{body}\nendobj\n"
    start = len(out)
    out += f"xref\n0 {len(objects) + 1}\n0000000000 65535 f \n" + "".join(f"{o:010} 00000 n \n" for o in offsets)
    out += f"trailer\n<< /Size {len(objects) + 1} /Root 1 0 R /Info 5 0 R >>\nstartxref\n{start}\n%%EOF\n"
    return out.encode("latin-1")


def report(rows):
    q2, q3 = quarter(rows, (4, 5, 6)), quarter(rows, (7, 8, 9))
    total2, total3 = sum(r[4] for r in q2), sum(r[4] for r in q3)
    regions, before = totals(q3, 1), totals(q2, 1)
    products = totals(q3, 2)
    best = max(regions, key=regions.get)
    change = 100 * (total3 - total2) / total2

    first = Page()
    first.text("Tidewater Instruments", 12, advance=30)
    first.text("Quarterly report, Q3 2026", 22, bold=True, advance=40)
    first.text("Summary", 15, bold=True, advance=26)
    first.paragraph(
        f"Revenue in the third quarter was {money(total3)}, {abs(change):.1f} % "
        f"{'more' if change > 0 else 'less'} than in the second ({money(total2)}). {best} was the strongest region "
        f"with {money(regions[best])}. The southern depot was closed for two weeks in July after the storm, and the "
        "orders of those weeks were lost rather than postponed."
    )
    first.paragraph(
        "On the first of August the price of the tide logger rose by 8 %. Orders were not "
        "cancelled because of it; the rise is looked at again in October."
    )
    first.text("Revenue by region", 15, bold=True, advance=26)
    first.bars(dict(sorted(regions.items(), key=lambda item: -item[1])))
    first.table(
        ["Region", "Q2 2026", "Q3 2026", "Change"],
        [
            (name, money(before[name]), money(regions[name]), f"{100 * (regions[name] / before[name] - 1):+.1f} %")
            for name in sorted(regions)
        ],
    )

    second = Page()
    second.text("Revenue by product", 15, bold=True, advance=26)
    second.bars(dict(sorted(products.items(), key=lambda item: -item[1])))
    second.text("What went well", 15, bold=True, advance=26)
    for line in (
        "The new calibration bench in Hall 2 halved the waiting time for depth gauges.",
        "Support answered nine of ten tickets within one working day.",
        "Two port authorities signed service plans for three years.",
    ):
        second.paragraph(f"- {line}")
    second.text("What did not", 15, bold=True, advance=26)
    for line in (
        "The South region missed its target because of the closed depot.",
        "Flow meter deliveries were late in September: the supplier of the housings had a fire.",
        "The web shop showed the old tide logger price until 4 August; 11 orders were honoured at that price.",
    ):
        second.paragraph(f"- {line}")

    third = Page()
    third.text("Outlook for Q4", 15, bold=True, advance=26)
    third.paragraph(
        "We expect revenue between 1.0 and 1.1 times that of this quarter. The range depends on one thing: "
        "whether the second supplier of housings is approved before November."
    )
    third.table(
        ["Risk", "Likelihood", "Effect", "Owner"],
        [
            ("Housings short again", "medium", "high", "M. Okafor"),
            ("Depot South not insured", "low", "high", "L. Brandt"),
            ("Price rise copied late", "low", "medium", "J. Ferreira"),
            ("Key engineer leaves", "medium", "medium", "A. Lindqvist"),
        ],
    )
    third.text("All companies, people and figures in this report are invented.", 9)
    return pdf([first, second, third], "Quarterly report, Q3 2026")


def main():
    rows = make_rows()
    with open(HERE / "sales.csv", "w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(("date", "region", "product", "units", "revenue"))
        writer.writerows(rows)
    (HERE / "q3-report.pdf").write_bytes(report(rows))


main()
