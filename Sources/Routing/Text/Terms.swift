/// The words the router knows, by kind, in the languages people write to it. A stem ends in `*`, a phrase of two words is
/// joined by `_`; writing systems without spaces are matched wherever their characters stand.
///
/// No word here speaks of models, tiers, effort, urgency or importance: who asks to be taken seriously asks in vain.
enum Terms {
    static let all: [(kind: TermKind, words: String)] = english + german + french + spanish + others + eastAsian

    private static let english: [(kind: TermKind, words: String)] = [
        (
            .courtesy,
            """
            thanks thank thx ty cheers hello hi hey bye goodbye ok okay yes no yep nope yeah great perfect nice cool sure \
            lol awesome welcome good_morning good_night sounds_good got_it never_mind
            """
        ),
        (
            .filler,
            """
            please could would can can't you your i i'd i'm me my we us kindly just like help with this that these very \
            much advance want need a an the of to in on at is are be was it its and or for from as by so do does will
            """
        ),
        (
            .lookup,
            """
            who when where which_day what_day what_time what_date how_many how_much how_old is_there are_there do_we \
            find show list look_up lookup remind tell_me what_is what's who_is who's when_is where_is link phone address \
            status latest current today tomorrow weather opening_hours schedule name_the capital spell
            """
        ),
        (
            .housekeeping,
            """
            rename move copy delete remove upload download open close save archive mkdir folder file directory create_a \
            zip unzip book cancel reschedule add set_a turn_on turn_off ping post forward bump restart
            """
        ),
        (
            .extraction,
            """
            extract classif* categori* convert format reformat sort label tag count filter group parse csv json yaml \
            markdown table bullet bullets column columns rows identify_the pull_out pick_out fill_in tidy
            """
        ),
        (.summary, "summar* tldr recap condense shorten digest key_points overview gist minutes highlights"),
        (
            .language,
            """
            translat* proofread* spelling grammar typo typos reword rephrase paraphras* polite politely tone shorter \
            correct_the fix_the rewrite
            """
        ),
        (
            .writing,
            """
            draft write mail email letter reply post announcement invitation slogan headline tweet poem story essay blog \
            newsletter caption agenda speech description script article dialogue compose
            """
        ),
        (
            .explanation,
            """
            explain* why how_does how_do describe teach meaning mean understand example examples clarif* difference \
            introduc* elaborate illustrate
            """
        ),
        (
            .comparison,
            """
            compar* contrast versus vs trade-off tradeoff tradeoffs trade-offs pros cons advantages disadvantages \
            evaluat* assess* weigh review critique recommend* prioriti* rank pros_and better_to alternatives
            """
        ),
        (
            .planning,
            """
            plan plans planning design designs architect* strateg* roadmap migrat* rollout roll-out proposal propose \
            framework approach organise organize restructur* budget_for forecast* scenario scenarios policy decide decision \
            reorgani* rollback phased staged cutover zero-downtime
            """
        ),
        (
            .investigation,
            """
            investigat* diagnos* analy* root_cause cause causes debug* troubleshoot* incident postmortem post-mortem \
            figure_out work_out trace correlat* estimat* infer inference deduc* determine hypothes* anomal* bottleneck \
            regression intermittent* deadlock* flaky leak leaks leaking suspicious explain_why findings
            """
        ),
        (
            .software,
            """
            code function functions class method script refactor* implement* algorithm* api endpoint database sql query \
            schema python javascript typescript java swift rust golang kotlin bash regex unit_test unit_tests compile \
            compiler bug concurrency concurrent thread-safe async cache recursion recursive parser microservice* \
            kubernetes docker terraform deploy deployment pipeline repository codebase backend frontend react library \
            module program programming array string integer
            """
        ),
        (
            .reconciliation,
            """
            reconcil* audit* discrepanc* mismatch* cross-check double-check verif* validat* consolidat* merge_the \
            deduplicat* duplicates inconsisten* contradict* ledger spreadsheets line_by gaps
            """
        ),
        (
            .proof,
            """
            prove proof proofs derive derivation theorem lemma optimal optimi* minimi* maximi* formally rigorous* \
            invariant invariants counterexample necessary_and induction asymptotic complexity np-hard
            """
        ),
        (
            .mathematics,
            """
            equation equations integral derivative probabilit* polynomial matrix matrices vector eigenvalue* variance \
            distribution* bayes* stochastic geometr* triangle algebra* calculus logarithm modulo divisible divisor \
            prime primes factorial permutation* combination* statistic* confidence_interval percent percentage ratio \
            average median twice half remaining total per each times
            """
        ),
        (
            .profession,
            """
            contract* clause clauses liabilit* indemnif* warrant* legal law lawsuit statut* regulat* complian* gdpr \
            jurisdiction* plaintiff defendant court patent tax taxes vat accrual depreciation revenue_recognition \
            valuation ebitda amortization hedge derivative_instruments ifrs gaap diagnosis symptom* patient clinical \
            dosage disease* therap* protein* molecul* quantum thermodynamic* genetic* pathogen* enzyme* chemical* \
            economet* epistemolog* philosoph* theor* hypothesis physics chemistry biology semantics jurisprudence \
            threat_model vulnerabilit* encryption cryptograph*
            """
        ),
        (
            .condition,
            """
            if unless except must only without exactly assuming assume given provided whether neither either otherwise \
            although however at_least at_most no_more not_exceed ensure constraint constraints require* satisf* \
            respectively subject_to while still
            """
        ),
        (
            .sequence,
            "then first second third finally next after before also additionally furthermore followed step steps each_of"
        ),
        (
            .fault,
            """
            error errors exception exceptions traceback failed failing fails failure crash* timeout timeouts stack_trace \
            segfault panic outage broken 500 502 503 504 oom throttl*
            """
        ),
    ]
}
