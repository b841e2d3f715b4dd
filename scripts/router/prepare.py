#!/usr/bin/env python3
"""Makes of clones of public repositories the directory that train.py reads: a file FAMILY.jsonl each.

    scripts/router/prepare.py CLONES PREPARED

CLONES holds a bare clone of each repository of REPOSITORIES, named owner+name/repo. A line of a prepared file is
{"prompt": …, "need": 0…1}: how much the prompt needs a strong model, comparable within its family only. Answer formats
that a set puts around its questions ("A. … Answer:") are taken off: they say which set it is, not how hard it is.

Prints the digest of every file it read and wrote; docs/router.md has those of the run that made the weights.
"""
import csv
import hashlib
import io
import json
import pathlib
import re
import subprocess
import sys

REPOSITORIES = {
    "lm-sys+RouteLLM": "Apache-2.0",
    "RouteWorks+RouterArena": "Apache-2.0",
    "kaistAI+FLASK": "no licence file; the sets within are public benchmarks",
    "nlpxucan+WizardLM": "data CC BY-NC 4.0",
    "Psycoy+MixEval": "no licence file in the repository; its sets' own",
    "tatsu-lab+alpaca_eval": "Apache-2.0, data CC BY-NC 4.0",
    "ruixiangcui+AGIEval": "MIT",
    "neenza+leetcode-problems": "no licence file; the texts are LeetCode's, asked only, never trained on",
    "google-research+url-nlp": "MGSM: CC BY-SA 4.0",
}
FLASK_LEVELS = {
    "simple lifestyle knowledge": 0.0, "advanced lifestyle knowledge": 0.25, "formal education knowledge": 0.5,
    "major level knowledge": 0.75, "expert level knowledge": 1.0,
}
# Of other families here, or of a set whose authors ask that it stands in no training data.
FLASK_LEFT_OUT = re.compile(r"^(wizardlm|mmlu|gsm8k|mt.?bench|bbh|bigbench|big-bench)", re.I)
WEAK_IN_ALPACA = [
    "vicuna-7b", "gemma-7b-it", "gpt-3.5-turbo-1106", "claude-instant-1.2", "Mixtral-8x7B-Instruct-v0.1_concise",
]


class Clones:
    def __init__(self, root):
        self.root = pathlib.Path(root)

    def read(self, repository, path, quiet=False):
        data = subprocess.run(
            ["git", f"--git-dir={self.root / repository / 'repo'}", "show", f"HEAD:{path}"],
            check=True, capture_output=True).stdout
        quiet or print(f"read   {hashlib.sha256(data).hexdigest()[:16]}  {repository}  {path}")
        return data.decode("utf-8")

    def names(self, repository, below):
        listing = subprocess.run(
            ["git", f"--git-dir={self.root / repository / 'repo'}", "ls-tree", "-r", "--name-only", "HEAD", below],
            check=True, capture_output=True, text=True).stdout
        return listing.split("\n")[:-1]

    def lines(self, repository, path):
        return [json.loads(line) for line in self.read(repository, path).splitlines() if line.strip()]


def bare(prompt):
    """The question without what its set put around it."""
    prompt = re.sub(r"(?im)^\s*(context:\s*none|options:?|choices:?|question:|q:|answer:|a:)\s*", "", prompt)
    prompt = re.sub(r"(?m)^\s*\(?[A-J][.):]\s+", "", prompt)
    return re.sub(r"\n{2,}", "\n", prompt).strip()


def truth(word):
    return {"True": True, "False": False}[word]


def weak_and_strong(text):
    for row in csv.DictReader(io.StringIO(text)):
        weak = truth(row["mistralai/Mixtral-8x7B-Instruct-v0.1"])
        strong = truth(row["gpt-4-1106-preview"])
        # Where neither is right, nothing is gained by the strong one; where both are, neither.
        if weak or strong:
            yield row["prompt"], 0.0 if weak else 1.0


def gsm8k(clones):
    return list(weak_and_strong(clones.read("lm-sys+RouteLLM", "routellm/evals/gsm8k/gsm8k_responses.csv")))


def mmlu(clones):
    names = clones.names("lm-sys+RouteLLM", "routellm/evals/mmlu/responses/")
    return [pair for name in names for pair in weak_and_strong(clones.read("lm-sys+RouteLLM", name))]


def routerarena(clones):
    """How far two small models of different makers fell short: their mean lack of score."""
    lacking = {}
    prompts = {}
    for model in ["claude-3-haiku-20240307", "gemini-2.0-flash-001"]:
        for row in clones.lines("RouteWorks+RouterArena", f"cached_results/{model}.jsonl"):
            score = (row.get("evaluation_result") or {}).get("score")
            if score is not None:
                lacking.setdefault(row["global_index"], []).append(1 - min(1, max(0, score)))
                prompts[row["global_index"]] = arena_question(row["question"])
    return [(prompts[key], sum(found) / len(found)) for key, found in sorted(lacking.items()) if len(found) == 2]


def arena_question(text):
    """Without the instructions that are the same for every question of a set."""
    text = re.sub(r"(?s)^(Please|You are|Given)[^\n]*\n+(?=(Context|Question)\b)", "", text)
    return re.sub(r"(?s)\n+(Provide|Please|Answer|Your|Keep|Enclose|The final)[^\n]*\\boxed.*$", "", text)


def flask(clones):
    found = []
    for row in clones.lines("kaistAI+FLASK", "evaluation_set/flask_evaluation.jsonl"):
        level = FLASK_LEVELS.get(row["difficulty"])
        if level is not None and not FLASK_LEFT_OUT.match(row["task"]):
            found.append((row["instruction"], level))
    return found


def wizardlm(clones):
    rows = clones.lines("nlpxucan+WizardLM", "WizardLM/data/WizardLM_testset.jsonl")
    return [(row["Instruction"], row["Difficulty"] / 10) for row in rows]


def mixeval(clones):
    """Whether the authors' hard subset, drawn by what models failed at, has it."""
    found = []
    for kind in ["free-form", "multiple-choice"]:
        folder = "mix_eval/data/mixeval-2024-08-11"
        hard = json.loads(clones.read("Psycoy+MixEval", f"{folder}/mixeval-hard/{kind}.json")).values()
        hard = {row["prompt"] for row in hard}
        for row in json.loads(clones.read("Psycoy+MixEval", f"{folder}/mixeval/{kind}.json")).values():
            if re.match(r"(?i)bbh|gsm8k|mmlu", row["benchmark_name"]):
                continue
            prompt = "\n".join(part for part in [row.get("context"), row["prompt"]] + row.get("options", []) if part)
            found.append((prompt, 1.0 if row["prompt"] in hard else 0.0))
    return found


def math_levels(clones):
    """The competition's own levels, 1 to 5."""
    rows = clones.lines("ruixiangcui+AGIEval", "data/v1/math.jsonl")
    return [(row["question"], (row["other"]["level"] - 1) / 4) for row in rows]


def leetcode(clones):
    found = []
    for path in clones.names("neenza+leetcode-problems", "problems/"):
        problem = json.loads(clones.read("neenza+leetcode-problems", path, quiet=True))
        need = {"Easy": 0.0, "Medium": 0.5, "Hard": 1.0}[problem["difficulty"]]
        if problem["description"].strip():
            found.append((problem["description"], need))
    return found


def alpaca(clones):
    """How surely a judge preferred a strong model's answer to those of weak ones."""
    preferred = {}
    for model in WEAK_IN_ALPACA:
        path = f"results/{model}/weighted_alpaca_eval_gpt4_turbo/annotations.json"
        for row in json.loads(clones.read("tatsu-lab+alpaca_eval", path)):
            if row["preference"] is not None:
                preferred.setdefault(row["instruction"], []).append(2 - float(row["preference"]))
    return [(prompt, sum(found) / len(found)) for prompt, found in preferred.items() if len(found) >= 5]


def languages(clones):
    """The same questions in many languages: no needs, but their scores should lie together."""
    found = []
    for code in ["en", "de", "fr", "es", "ru", "zh", "ja", "th", "sw", "bn"]:
        lines = clones.read("google-research+url-nlp", f"mgsm/mgsm_{code}.tsv").split("\n")
        rows = [line.split("\t")[0] for line in lines if "\t" in line]
        found += [{"prompt": prompt, "language": code, "number": number} for number, prompt in enumerate(rows)]
    return found


def main():
    clones, into = Clones(sys.argv[1]), pathlib.Path(sys.argv[2])
    into.mkdir(parents=True, exist_ok=True)
    sets = {}
    for family in [gsm8k, mmlu, routerarena, flask, wizardlm, mixeval, math_levels, alpaca, leetcode]:
        unique = {}
        for prompt, need in family(clones):
            prompt = bare(prompt)
            if prompt:
                unique[prompt] = need
        sets[family.__name__] = [{"prompt": prompt, "need": round(need, 4)} for prompt, need in unique.items()]
    sets["languages"] = languages(clones)
    for name, rows in sets.items():
        data = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows).encode()
        (into / f"{name}.jsonl").write_bytes(data)
        print(f"wrote  {hashlib.sha256(data).hexdigest()[:16]}  {name}.jsonl  {len(rows)} prompts")


if __name__ == "__main__":
    main()
