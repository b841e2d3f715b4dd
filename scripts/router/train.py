#!/usr/bin/env python3
"""Trains the router's weights and prints how well it does where it was not trained.

    scripts/router/train.py PREPARED [--bulkhead PROGRAM] [--write FILE]

PREPARED is what prepare.py wrote. Features come from the program itself (`bulkhead route --jsonl --explain`), so that there
is one definition of them. Needs are comparable within a family only, so pairs of one family are what is learnt from; then
the company's requests say which sum means what. Signs are held to what the features mean. Every figure but the last table's is of weights that never saw the family.
"""
import argparse
import json
import math
import pathlib
import random
import subprocess
import sys

import numpy as np

HERE = pathlib.Path(__file__).resolve().parent
COMPANY = HERE.parent.parent / "Tests/RoutingTests/Resources/company-requests.jsonl"
# Learnt from, each left out in turn: licences that let anybody do so.
FAMILIES = ["gsm8k", "mmlu", "routerarena", "math_levels"]
# Asked only, by weights that saw nothing of them.
ONLY_ASKED = ["flask", "wizardlm", "mixeval", "alpaca", "leetcode"]
NEED = {"fast": 0.0, "balanced": 0.5, "best": 1.0}
# What somebody who has handed out such work would expect, before data: weights are drawn to these. Where the sign is not
# 0, it is held to.
EXPECTED = {
    "length": 4.5, "brevity": -1.5, "items": 0.5, "numbers": 0.5, "math_symbols": 0.5, "code": 0.7,
    "courtesy": -1.5, "housekeeping": -0.7, "language": -0.7, "comparison": 0.8, "planning": 0.8, "investigation": 1.0,
    "software": 0.5, "reconciliation": 0.8, "proof": 1.2, "mathematics": 0.5, "profession": 0.7, "condition": 0.7,
    "sequence": 0.4, "fault": 0.3, "opens_small": -0.8, "opens_hard": 0.8,
}
PENALTY = 0.3
PAIRS = 4000
SEED = 20261130


def measured(program, prompts):
    """The features of each prompt, as the program sees them: names, and a row each."""
    lines = "".join(json.dumps({"id": str(n), "prompt": prompt}) + "\n" for n, prompt in enumerate(prompts))
    command = [*program.split(), "route", "--jsonl", "--explain"]
    output = subprocess.run(command, input=lines, capture_output=True, text=True, check=True).stdout
    rows = [json.loads(line)["features"] for line in output.splitlines()]
    if len(rows) != len(prompts):
        sys.exit(f"{program} answered {len(rows)} of {len(prompts)} prompts")
    names = sorted(rows[0])
    return names, np.array([[row[name] for name in names] for row in rows])


def pairs(features, needs):
    """Differences of prompts of one family, the needier first."""
    generator = np.random.default_rng(SEED)
    first, second = generator.integers(0, len(needs), (2, 6 * PAIRS))
    keep = needs[first] > needs[second] + 1e-9
    return features[first[keep][:PAIRS]] - features[second[keep][:PAIRS]]


def descended(gradient, start, low=-np.inf, high=np.inf, steps=600):
    """Adam, held between two limits."""
    values, moment, velocity = start.copy(), np.zeros(len(start)), np.zeros(len(start))
    for step in range(1, steps + 1):
        slope = gradient(values)
        moment = 0.9 * moment + 0.1 * slope
        velocity = 0.999 * velocity + 0.001 * slope**2
        change = 0.03 * (moment / (1 - 0.9**step)) / (np.sqrt(velocity / (1 - 0.999**step)) + 1e-8)
        values = np.clip(values - change, low, high)
    return values


def fitted(groups, names):
    """Weights that set the needier of two prompts of a family above the other, each family counting the same."""
    expected = np.array([EXPECTED[name] for name in names])
    compared = [pairs(features, needs) for features, needs in groups]

    def gradient(weights):
        slope = PENALTY * (weights - expected)
        for differences in compared:
            slope = slope - ((1 - sigmoid(differences @ weights)) @ differences) / len(differences)
        return slope

    low, high = np.where(expected > 0, 0.0, -np.inf), np.where(expected < 0, 0.0, np.inf)
    return descended(gradient, expected, low, high)


def calibrated(sums, needs):
    """Scale and intercept that make of weighted sums the need of company requests."""
    def gradient(line):
        wrong = sigmoid(sums * line[0] + line[1]) - needs
        return np.array([(wrong * sums).mean(), wrong.mean()])

    return descended(gradient, np.array([1.0, -sums.mean()]), steps=3000)


def concordance(scores, needs):
    """How often the needier of two prompts has the higher score; ties count half. For two levels, the AUC."""
    scores, needs = np.asarray(scores, float), np.asarray(needs, float)
    if len(scores) > 3000:
        chosen = np.random.default_rng(SEED).choice(len(scores), 3000, replace=False)
        scores, needs = scores[chosen], needs[chosen]
    above = needs[:, None] > needs[None, :] + 1e-9
    difference = scores[:, None] - scores[None, :]
    pairs = above.sum()
    return float((((difference > 0) & above).sum() + 0.5 * ((difference == 0) & above).sum()) / pairs)


def spread(scores, needs, repeats=200):
    """Half the width of the middle 95 of 100 resamples."""
    generator = np.random.default_rng(SEED)
    scores, needs = np.asarray(scores), np.asarray(needs)
    size = min(len(scores), 800)
    found = []
    for _ in range(repeats):
        chosen = generator.choice(len(scores), size)
        found.append(concordance(scores[chosen], needs[chosen]))
    low, high = np.percentile(found, [2.5, 97.5])
    return (high - low) / 2 * math.sqrt(size / len(scores))


SYNONYMS = {
    "find": "locate", "write": "compose", "explain": "describe", "show": "display", "make": "create", "help": "assist",
    "big": "large", "use": "employ", "give": "provide", "tell": "inform", "quickly": "fast", "company": "firm",
    "many": "numerous", "people": "persons", "begin": "start", "client": "customer", "mail": "e-mail", "buy": "purchase",
    "get": "obtain", "check": "verify", "problem": "issue", "reason": "cause", "answer": "reply", "list": "enumerate",
}


def paraphrases(prompt, generator):
    """The same request said otherwise, by rule."""
    words = prompt.split(" ")
    yield "politeness", f"Hi! Could you please help me with this? {prompt} Thank you very much in advance!"
    yield "synonyms", " ".join(SYNONYMS.get(word.lower(), word) for word in words)
    yield "lower case", prompt.lower()
    typed = list(prompt)
    for place in range(len(typed) - 1):
        if typed[place].isalpha() and typed[place + 1].isalpha() and generator.random() < 0.03:
            typed[place], typed[place + 1] = typed[place + 1], typed[place]
    yield "typing errors", "".join(typed)
    parts = [part for part in prompt.replace("? ", "?\n").replace(". ", ".\n").split("\n") if part.strip()]
    if len(parts) > 1:
        yield "other order", " ".join([parts[-1], *parts[:-1]])
        yield "as a list", "\n".join("- " + part for part in parts)
    yield "lines", prompt.replace(", ", ",\n")


def sigmoid(values):
    return 1 / (1 + np.exp(-values))


def main():
    options = argparse.ArgumentParser()
    options.add_argument("prepared", type=pathlib.Path)
    options.add_argument("--bulkhead", default=".build/debug/bulkhead")
    options.add_argument("--write", type=pathlib.Path)
    options = options.parse_args()
    generator = random.Random(SEED)

    data, texts, lengths = {}, {}, {}
    names = None
    for family in FAMILIES + ONLY_ASKED:
        rows = [json.loads(line) for line in (options.prepared / f"{family}.jsonl").open()]
        names, features = measured(options.bulkhead, [row["prompt"] for row in rows])
        data[family] = features, np.array([row["need"] for row in rows])
        texts[family] = [" ".join(row["prompt"].lower().split()) for row in rows]
        lengths[family] = np.array([len(text.split()) for text in texts[family]])
    company = [json.loads(line) for line in COMPANY.open()]
    halves = {}
    for half in ["train", "test"]:
        rows = [row for row in company if row["half"] == half]
        features = measured(options.bulkhead, [row["prompt"] for row in rows])[1]
        halves[half] = rows, features, np.array([NEED[row["tier"]] for row in rows])
    lengths["company"] = np.array([len(row["prompt"].split()) for row in halves["test"][0]])
    expected = np.array([EXPECTED[name] for name in names])

    def groups(without=None):
        """The families' data, without what stands in another too."""
        seen = set(texts[without]) if without else set()
        found = []
        for family in FAMILIES:
            if family != without:
                keep = np.array([text not in seen for text in texts[family]])
                found.append((data[family][0][keep], data[family][1][keep]))
        return found

    print("How often the needier of two prompts scores higher, by weights that never saw the family\n")
    print("| family | prompts | random | length only | by hand | router | ± | oracle |")
    print("| --- | --- | --- | --- | --- | --- | --- | --- |")

    def row(name, features, needs, weights):
        plain = lengths[name.split(" ")[0].strip(",")]
        found = [concordance(sums, needs) for sums in (plain, features @ expected, features @ weights)]
        print(f"| {name} | {len(needs)} | 0.500 | {found[0]:.3f} | {found[1]:.3f} | {found[2]:.3f} | "
              f"{spread(features @ weights, needs):.3f} | 1.000 |")
        return found

    seen_half = halves["train"][1:]
    found = [row(family, *data[family], fitted(groups(family) + [seen_half], names)) for family in FAMILIES]
    found += [
        row(f"{family} (asked only)", *data[family], fitted(groups(family) + [seen_half], names)) for family in ONLY_ASKED
    ]
    print("| mean | | 0.500 | " + " | ".join(f"{value:.3f}" for value in np.mean(found, axis=0)) + " | | 1.000 |")
    row("company, no half seen", *halves["test"][1:], fitted(groups(), names))
    weights = fitted(groups() + [seen_half], names)
    row("company, other half seen", *halves["test"][1:], weights)

    scale, intercept = calibrated(halves["train"][1] @ weights, halves["train"][2])
    weights, intercept = np.round(weights * scale, 3), round(float(intercept), 3)

    def score(features):
        return sigmoid(features @ weights + intercept)

    train = score(halves["train"][1])
    order = [row["tier"] for row in halves["train"][0]]
    low, high = thresholds(train, order)
    print(f"\nThresholds that fit the company's seen half best: balanced from {low:.2f}, best from {high:.2f}\n")
    print("| set | fast | balanced | best |")
    print("| --- | --- | --- | --- |")
    shares = {family: score(data[family][0]) for family in FAMILIES + ONLY_ASKED}
    shares["company, unseen half"] = score(halves["test"][1])
    for name, scores in shares.items():
        fast, best = np.mean(scores < low), np.mean(scores >= high)
        print(f"| {name} | {fast:.0%} | {1 - fast - best:.0%} | {best:.0%} |")
    chosen = ["fast" if s < low else "best" if s >= high else "balanced" for s in shares["company, unseen half"]]
    wanted = [row["tier"] for row in halves["test"][0]]
    right = sum(a == b for a, b in zip(chosen, wanted))
    far = sum({a, b} == {"fast", "best"} for a, b in zip(chosen, wanted))
    print(f"\nCompany, unseen half: {right} of {len(wanted)} at the tier a person chose, {far} two tiers off")
    for tier in NEED:
        counts = [sum(1 for a, b in zip(chosen, wanted) if b == tier and a == other) for other in NEED]
        print(f"  wanted {tier}: " + ", ".join(f"{count} {other}" for count, other in zip(counts, NEED)))

    print("\n| paraphrase | prompts | mean change | 95 of 100 below | another tier |")
    print("| --- | --- | --- | --- | --- |")
    base = [row["prompt"] for row in company if row["half"] == "test"]
    for family in ["flask", "alpaca", "routerarena"]:
        lines = [json.loads(line)["prompt"] for line in (options.prepared / f"{family}.jsonl").open()]
        base += generator.sample(lines, 100)
    kinds = {}
    for prompt in base:
        for kind, said in paraphrases(prompt, generator):
            kinds.setdefault(kind, []).append((prompt, said))
    for kind, pairs in kinds.items():
        before = score(measured(options.bulkhead, [pair[0] for pair in pairs])[1])
        after = score(measured(options.bulkhead, [pair[1] for pair in pairs])[1])
        change = np.abs(before - after)
        tier = [(s >= low) + (s >= high) for s in (before, after)]
        print(f"| {kind} | {len(pairs)} | {change.mean():.3f} | {np.percentile(change, 95):.3f} | "
              f"{np.mean(tier[0] != tier[1]):.0%} |")

    print("\n| language (the same 250 questions) | mean score | rank correlation with English |")
    print("| --- | --- | --- |")
    rows = [json.loads(line) for line in (options.prepared / "languages.jsonl").open()]
    scores = score(measured(options.bulkhead, [row["prompt"] for row in rows])[1])
    languages = {}
    for row, value in zip(rows, scores):
        languages.setdefault(row["language"], []).append(value)
    for language, values in languages.items():
        ranks = [np.argsort(np.argsort(v)) for v in (values, languages["en"])]
        print(f"| {language} | {np.mean(values):.2f} | {np.corrcoef(*ranks)[0, 1]:.2f} |")

    print("\n| feature | weight |")
    print("| --- | --- |")
    for name, weight in sorted(zip(names, weights), key=lambda pair: -abs(pair[1])):
        print(f"| {name} | {weight:+.3f} |")
    print(f"| intercept | {intercept:+.3f} |")
    if options.write:
        write(options.write, names, weights, intercept)


def thresholds(scores, wanted):
    """Two tiers off costs four, one costs one; the middle of what costs least."""
    ranks = np.array([list(NEED).index(tier) for tier in wanted])
    costs = {}
    for low in range(10, 90):
        for high in range(low + 5, 95):
            cost = (((scores >= low / 100).astype(int) + (scores >= high / 100) - ranks) ** 2).sum()
            costs.setdefault(int(cost), []).append((low / 100, high / 100))
    return [round(float(value), 2) for value in np.median(costs[min(costs)], axis=0)]


def property_name(name):
    first, *rest = name.split("_")
    return first + "".join(word.capitalize() for word in rest)


def write(path, names, weights, intercept):
    lines = [
        "// Written by scripts/router/train.py; docs/router.md says from what. Not to be edited by hand.",
        "",
        "extension RouterWeights {",
        "    /// What `bulkhead route` and the daemon go by.",
        "    package static let trained = RouterWeights(",
        f"        intercept: {intercept},",
        "        features: [",
        *[f"            .{property_name(name)}: {weight}," for name, weight in zip(names, weights)],
        "        ])",
        "}",
        "",
    ]
    path.write_text("\n".join(lines))


if __name__ == "__main__":
    main()
