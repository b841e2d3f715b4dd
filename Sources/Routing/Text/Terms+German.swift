extension Terms {
    static let german: [(kind: TermKind, words: String)] = [
        (
            .courtesy,
            "danke dankeschön hallo moin servus tschüss ja nein super prima alles_klar guten_morgen gerne passt vielen_dank"
        ),
        (
            .filler,
            """
            bitte könntest könnten kannst können du sie ihr mir mich wir uns ich mal helfen dabei der die das den dem ein \
            eine einen einer und oder zu zum zur im in auf mit für von ist sind es sehr voraus möchte würde
            """
        ),
        (
            .lookup,
            """
            wer wann wo wie_viele wie_viel wieviel wie_spät gibt_es zeig zeige zeigen finde such suche liste nenn nenne \
            welcher_tag telefonnummer adresse stand aktuell aktuelle heute morgen wetter was_ist wie_heißt
            """
        ),
        (
            .housekeeping,
            """
            umbenennen benenne verschieb* kopier* lösch* entfern* hochladen herunterladen speicher* archivier* ordner \
            datei dateien buche absagen storniere hinzufügen leg_einen
            """
        ),
        (
            .extraction,
            "extrahier* klassifizier* sortier* formatier* umwandeln wandle tabelle spalte spalten zähl* filter* gruppier*"
        ),
        (.summary, "zusammenfass* fasse fass zusammenfassung kurzfassung stichpunkte überblick kernaussagen"),
        (
            .language,
            "übersetz* korrekturles* rechtschreibung grammatik tippfehler umformulier* formulier* korrigier* freundlicher höflicher"
        ),
        (.writing, "schreib* entwurf verfass* mail e-mail brief antwort einladung gedicht rede beitrag ankündigung"),
        (
            .explanation,
            "erklär* warum wieso weshalb bedeutet beschreib* beispiel beispiele erläuter* unterschied verstehe"
        ),
        (
            .comparison,
            "vergleich* gegenüber gegenüberstell* vorteile nachteile bewert* beurteil* abwäg* empfiehl* empfehl* priorisier*"
        ),
        (
            .planning,
            """
            plan plane planen planung entwirf entwerfe* konzept konzipier* strategie* architektur migration* migrier* \
            umstellung vorgehen fahrplan entscheidung szenario szenarien prognose* rückfallplan
            """
        ),
        (
            .investigation,
            """
            untersuch* analys* ursache* ursachenanalyse fehlersuche diagnos* herausfinden finde_heraus ermittel* störung \
            vorfall schätz* abschätz* schlussfolger* anomalie* engpass
            """
        ),
        (
            .software,
            "programmier* funktion funktionen implementier* refaktorier* quellcode skript schnittstelle datenbank abfrage algorithmus klasse"
        ),
        (
            .reconciliation,
            "abgleich* gleiche abstimm* prüfe prüfen überprüf* abweichung* widerspr* unstimmigkeit* konsolidier* plausibilisier*"
        ),
        (.proof, "beweis* herleit* lehrsatz optimal* optimier* minimier* maximier* formal invariante"),
        (
            .mathematics,
            "gleichung* wahrscheinlichkeit* integral ableitung matrix statistik* verteilung* varianz durchschnitt prozent anteil hälfte doppelt insgesamt jeder jede"
        ),
        (
            .profession,
            """
            vertrag* verträge klausel* haftung* gewährleistung* dsgvo datenschutz* rechtlich* gesetz* steuer* umsatzsteuer \
            bilanz* abschreibung* gericht* kündigungsfrist* patent* rückstellung* arbeitsrecht* betriebsrat
            """
        ),
        (
            .condition,
            "wenn falls außer muss müssen nur ohne genau sofern mindestens höchstens dabei jedoch vorausgesetzt weder entweder sonst obwohl"
        ),
        (
            .sequence,
            "dann zuerst danach anschließend schließlich außerdem zusätzlich sowie erstens zweitens schritt schritte"
        ),
        (.fault, "fehler fehlermeldung ausfall abgestürzt absturz* zeitüberschreitung kaputt fehlgeschlagen"),
    ]
}
