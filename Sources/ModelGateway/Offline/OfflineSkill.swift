internal import MCP

/// Scripts behind the starters: fixed tool calls on the sample files, and a way to tell what came of them.
enum OfflineSkill: CaseIterable, Hashable, Sendable {
    case report, sales, pricing, checklist

    static let samples = "/workspace/global/samples"

    var starter: Starter {
        switch self {
        case .report:
            Starter(
                title: "Summarise the Q3 report",
                text: "Summarise the Q3 report in \(Self.samples)/q3-report.pdf: the main points and the figures.")
        case .sales:
            Starter(
                title: "Total the sales by region",
                text:
                    "Total the sales in \(Self.samples)/sales.csv by region and save the table as sales-by-region.csv.")
        case .pricing:
            Starter(
                title: "What did we decide about pricing in the notes?",
                text: "What did we decide about pricing in the notes under \(Self.samples)/notes? Quote file and line.")
        case .checklist:
            Starter(
                title: "Write a checklist file and show it",
                text: "Write a checklist for a new colleague's first week as first-week.md and show it.")
        }
    }

    static func named(_ text: String) -> OfflineSkill? {
        let text = text.lowercased()
        return allCases.first { $0.starter.text.lowercased() == text || $0.starter.title.lowercased() == text }
    }

    func steps(with tools: [OfflineTool]) -> [OfflineStep] {
        let steps = commands.map { $0.steps(with: tools) }
        // Half a script is of no use: say what is missing instead.
        for step in steps.joined() {
            if case .say = step { return [step] }
        }
        return Array(steps.joined())
    }

    private var commands: [OfflineCommand] {
        switch self {
        case .report: [.read(["\(Self.samples)/q3-report.pdf"])]
        case .sales: [.run(Self.salesScript), .read(["sales-by-region.csv"])]
        case .pricing: [.search(text: "[Pp]ric(e|es|ing)", path: "\(Self.samples)/notes")]
        case .checklist: [.write(path: "first-week.md", text: Self.checklistText), .read(["first-week.md"])]
        }
    }

    /// Finds the columns by name, so that any sales table with a region will do.
    private static let salesScript = """
        python3 - <<'PY'
        import csv
        from collections import defaultdict
        from decimal import Decimal

        with open("\(samples)/sales.csv", newline="", encoding="utf-8-sig") as file:
            rows = list(csv.DictReader(file))
        names = {name.strip().lower(): name for name in rows[0]}
        region = names["region"]
        amount = next(names[n] for n in ("amount", "revenue", "sales", "total", "value", "net", "amount_usd", "amount_eur") if n in names)
        totals = defaultdict(Decimal)
        for row in rows:
            totals[row[region]] += Decimal(row[amount].replace(",", "") or "0")
        with open("sales-by-region.csv", "w", newline="", encoding="utf-8") as file:
            writer = csv.writer(file)
            writer.writerow(["region", "total"])
            for name, total in sorted(totals.items(), key=lambda item: -item[1]):
                writer.writerow([name, total])
        print(f"{len(rows)} sales in {len(totals)} regions, {sum(totals.values())} in all")
        PY
        """

    private static let checklistText = """
        # First week

        - [ ] Laptop, accounts and keys handed over
        - [ ] Introduced to the team and to the people nearby
        - [ ] Read the handbook and the notes of the last three meetings
        - [ ] One small change made and shipped together with somebody
        - [ ] Friday: half an hour on what was unclear

        """
}
