extension Terms {
    /// Italian, Portuguese, Dutch, Russian: the commonest of each kind.
    static let others: [(kind: TermKind, words: String)] = [
        (
            .courtesy,
            "grazie ciao buongiorno obrigado obrigada olá bedankt dank hallo hoi спасибо привет здравствуйте да нет хорошо"
        ),
        (
            .filler,
            "favore potresti puoi mi il lo gli di che un una per favor você pode alsjeblieft kun je de het een пожалуйста можешь мне и в на с по"
        ),
        (
            .lookup,
            "chi quando dove quanti quem onde quantos wie waar wanneer hoeveel кто когда где сколько найди покажи"
        ),
        (
            .housekeeping,
            "rinomina sposta cancella renomeie mova apague hernoem verplaats verwijder переименуй удали перемести"
        ),
        (.summary, "riassum* riepilog* resuma resumo samenvat* vat кратко резюм* суммируй"),
        (.language, "traduci tradurre traduza vertaal vertaling переведи перевод исправь"),
        (.writing, "scrivi bozza escreva rascunho schrijf concept напиши письмо черновик"),
        (.explanation, "spiega* perché explique por_que leg_uit waarom объясни* почему"),
        (
            .comparison,
            "confronta* vantaggi svantaggi compare vantagens vergelijk* voordelen nadelen сравни* преимущества"
        ),
        (
            .planning,
            "pianifica* progetta* strategia planeje projete estratégia ontwerp* strategie спланируй* спроектируй* стратеги* план"
        ),
        (
            .investigation,
            "analizza* indaga* causa analise investigue analyseer onderzoek* oorzaak проанализируй* анализ причин* расследуй* выясни"
        ),
        (
            .software,
            "codice funzione implementa código função implemente functie implementeer код функци* реализуй* алгоритм*"
        ),
        (
            .reconciliation,
            "riconcilia* verifica* concilie verifique controleer afwijking* сверь* сверк* проверь* расхожден*"
        ),
        (.proof, "dimostra* prove demonstre bewijs* докажи* доказательств* выведи оптимальн* оптимизируй*"),
        (
            .mathematics,
            "equazione probabilità equação probabilidade vergelijking kans уравнени* вероятност* интеграл матриц*"
        ),
        (
            .profession,
            "contratto clausola contrato cláusula overeenkomst clausule договор* закон* налог* ответственност*"
        ),
        (
            .condition,
            "se senza solo almeno sem somente pelo_menos als tenzij alleen zonder minstens если только без кроме должен"
        ),
        (.sequence, "poi infine inoltre depois finalmente além daarna vervolgens bovendien затем потом также сначала"),
        (.fault, "errore erro falha fout storing ошибк* сбой исключени*"),
    ]

    /// Chinese and Japanese.
    static let eastAsian: [(kind: TermKind, words: String)] = [
        (.courtesy, "谢谢 你好 您好 好的 再见 ありがとう こんにちは 了解"),
        (.filler, "请 帮我 的 了 吗 您 ください お願いします ございます です を は が に の"),
        (.lookup, "谁 什么时候 哪里 多少 几点 几个 查一下 查找 列出 今天 明天 天气 誰 いつ どこ いくつ いくら 教えて"),
        (.housekeeping, "重命名 移动 复制 删除 上传 下载 文件夹 名前を変更 削除 移動"),
        (.extraction, "提取 分类 转换 表格 排序 筛选 抽出 分類 変換"),
        (.summary, "总结 概括 摘要 要約 まとめ"),
        (.language, "翻译 校对 润色 语法 翻訳 校正"),
        (.writing, "写一 起草 邮件 回复 草稿 書いて メール 下書き"),
        (.explanation, "解释 为什么 什么意思 说明 例子 説明 なぜ"),
        (.comparison, "比较 对比 优缺点 评估 建议 比較 評価 利点"),
        (.planning, "计划 规划 设计 架构 方案 策略 迁移 計画 設計 戦略 移行"),
        (.investigation, "分析 调查 原因 诊断 排查 故障 推断 估算 調査 原因 推定"),
        (.software, "代码 函数 编程 实现 重构 算法 数据库 接口 コード 関数 実装 アルゴリズム"),
        (.reconciliation, "核对 对账 差异 一致性 审计 验证 照合 突き合わせ 差異 検証"),
        (.proof, "证明 推导 定理 最优 优化 証明 導出 最適"),
        (.mathematics, "方程 概率 积分 导数 矩阵 统计 百分 平均 一共 方程式 確率 行列 合計"),
        (.profession, "合同 条款 法律 法规 责任 税 合规 专利 契約 条項 法律 責任"),
        (.condition, "如果 除非 必须 只能 至少 至多 不超过 假设 もし 必ず 以上 以下 ただし"),
        (.sequence, "然后 首先 其次 最后 并且 同时 まず 次に 最後に また"),
        (.fault, "错误 报错 异常 失败 崩溃 エラー 例外 失敗"),
    ]
}
