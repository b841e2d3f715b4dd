extension Terms {
    static let french: [(kind: TermKind, words: String)] = [
        (
            .filler,
            "s'il te vous plaît pourriez pourrais peux pouvez tu je moi nous m'aider le la les un une des du de d et ou à au aux en est pour avec sur ce cette très avance voudrais"
        ),
        (.courtesy, "merci bonjour salut bonsoir oui non parfait super d'accord au_revoir"),
        (
            .lookup,
            "qui quand où combien quel_jour quelle_heure trouve trouver cherche montre affiche liste adresse téléphone aujourd'hui demain météo c'est_quoi"
        ),
        (
            .housekeeping,
            "renomme* déplace* copie supprime* télécharge* enregistre* archive* dossier fichier fichiers réserve annule ajoute"
        ),
        (
            .extraction,
            "extrai* classe classer trie trier converti* formate* tableau colonne colonnes compte filtre regroupe*"
        ),
        (.summary, "résume* résumé synthèse synthétise* points_clés aperçu"),
        (.language, "tradui* traduction corrige* orthographe grammaire reformule* relis relecture"),
        (.writing, "écri* rédige* brouillon courriel lettre réponse invitation poème discours annonce"),
        (.explanation, "expliqu* pourquoi signifie décri* exemple exemples différence comprendre"),
        (.comparison, "compar* avantages inconvénients évalue* évaluer recommand* priorise* contre"),
        (
            .planning,
            "plan planifi* conçoi* concevoir conception architecture stratégi* migration migrer feuille_de démarche scénario scénarios prévision* décision"
        ),
        (
            .investigation,
            "analys* enquêt* cause causes diagnosti* panne incident détermine* déterminer estime* estimer dédui* anomalie* goulot"
        ),
        (.software, "code fonction fonctions programme implémente* refactorise* base_de requête algorithme classe"),
        (.reconciliation, "rapproche* rapprochement écart écarts vérifi* incohéren* contradiction* audit* consolide*"),
        (.proof, "prouve* démontre* démonstration théorème optimal* optimise* minimise* maximise* dérive"),
        (
            .mathematics,
            "équation* probabilit* intégrale dérivée matrice statistique* variance moyenne pourcentage moitié chaque total"
        ),
        (
            .profession,
            "contrat* clause clauses responsabilité* juridique* loi lois rgpd conformité fiscal* tva bilan amortissement tribunal brevet* préavis"
        ),
        (.condition, "si sauf doit doivent seulement sans exactement moins plus_de cependant sinon ni soit supposons"),
        (.sequence, "puis d'abord ensuite enfin également ainsi étape étapes premièrement deuxièmement"),
        (.fault, "erreur erreurs exception échoue* échec plantage bloqué"),
    ]

    static let spanish: [(kind: TermKind, words: String)] = [
        (
            .filler,
            "por favor podrías podría puedes puede me nos ayudar ayúdame el la los las un una de del y o a al en es para con lo muy antemano quisiera"
        ),
        (.courtesy, "gracias hola buenos_días adiós sí no perfecto vale genial de_acuerdo"),
        (
            .lookup,
            "quién cuándo dónde cuántos cuántas cuánto qué_día qué_hora busca buscar muestra muéstrame lista dirección teléfono hoy mañana tiempo"
        ),
        (
            .housekeeping,
            "renombra* mueve mover copia borra* elimina* descarga* guarda* archiva* carpeta fichero archivo archivos reserva cancela añade"
        ),
        (.extraction, "extra* clasifica* ordena* convierte formatea* tabla columna columnas cuenta filtra* agrupa*"),
        (.summary, "resum* resumen síntesis puntos_clave"),
        (.language, "traduc* traduzca corrige* ortografía gramática reformula* revisa_la"),
        (.writing, "escrib* redacta* borrador correo carta respuesta invitación poema discurso anuncio"),
        (.explanation, "explica* por_qué significa describ* ejemplo ejemplos diferencia entender"),
        (.comparison, "compar* ventajas desventajas evalúa* evaluar recomienda* prioriza* frente_a"),
        (
            .planning,
            "plan planifica* diseña* diseñar diseño arquitectura estrategia* migración migrar hoja_de escenario escenarios previsión decisión"
        ),
        (
            .investigation,
            "analiza* análisis investiga* causa causas diagnostica* diagnóstico incidente incidencia determina* estima* deduc* anomalía*"
        ),
        (.software, "código función funciones programa implementa* refactoriza* base_de consulta algoritmo clase"),
        (
            .reconciliation,
            "concilia* conciliación discrepancia* verifica* comprueba* inconsisten* contradic* audita* auditoría consolida*"
        ),
        (.proof, "demuestra* demostración prueba_que teorema óptim* optimiza* minimiza* maximiza* deriva"),
        (
            .mathematics,
            "ecuación ecuaciones probabilidad* integral derivada matriz estadístic* varianza media porcentaje mitad cada total"
        ),
        (
            .profession,
            "contrato* cláusula* responsabilidad* jurídic* legal ley leyes rgpd cumplimiento fiscal* impuesto* iva balance amortización tribunal patente*"
        ),
        (
            .condition,
            "si salvo excepto debe deben solo sólo sin exactamente menos siempre_que sin_embargo ni supón suponiendo"
        ),
        (.sequence, "luego primero después finalmente además también entonces paso pasos"),
        (.fault, "error errores excepción falla* fallo fallos caída bloqueado"),
    ]
}
