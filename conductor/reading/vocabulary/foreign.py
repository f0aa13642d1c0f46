"""The labels of fields in languages other than English, as data: `|` or a line between them."""

from __future__ import annotations

FOREIGN = {
    "goals": """
    deliverables clave|entregables clave|entregas clave|hauptergebnisse
    移行手順|実施内容|実施手順|実施事項|작업 항목|작업 목록|realización|acciones|ações|реализация
    umsetzung|umsetzungsschritte
    やること|作業内容|対応内容|実装内容|目的|成果物|タスク|目標|作業|ziel|ziele|aufgabe|aufgaben
    arbeitspakete|objectif|objectifs|tâches|tâche|livrable|livrables|objetivo|objetivos|tarea|tareas|entregables
    tarefa|tarefas|entregáveis|obiettivo|obiettivi|attività|doel|doelen|taken|цель|цели|задача|задачи
    что сделать|目标|任务|任务清单|主要任务|工作内容|交付物|목표|작업|작업 내용|할 일|mục tiêu|công việc
    步骤|实施步骤|具体步骤|手順|단계별 작업|nhiệm vụ|tujuan|tugas|cel|cele|zadania|zadanie|kroki|zakres
    """,
    "modules": """
    módulos|модули|モジュール|模块|module und abhängigkeiten|모듈
    """,
    "depends_on": """
    abhängigkeiten|abhängig von|hängt ab von|dépend de|dépendances|prérequis|depende de|dependencias
    dependências|prerrequisitos|pré-requisitos|dipendenze|зависит от|зависимости|依存|依存関係|前提条件|依赖
    依赖项|前置条件|의존성|phụ thuộc
    """,
    "success_criteria": """
    受け入れ基準|受入基準|受け入れ条件|成功基準|完了条件|完了基準|erfolgskriterien|akzeptanzkriterien
    abnahmekriterien|critères de succès|critères d'acceptation|critères d’acceptation|critères de réussite
    criterios de éxito|criterios de aceptación|critérios de sucesso|critérios de aceitação
    critérios de aceite|criteri di successo|criteri di accettazione|acceptatiecriteria|критерии успеха
    검증 기준|검증기준|검증 항목|확인 기준|验收|验收要求|验收点|검수 기준|ожидаемый результат|ожидаемые результаты
    критерии приёмки|критерии приемки|критерии готовности|критерий готовности|成功标准|验收标准|验收条件
    完成标准|완료 기준|성공 기준|완료 조건|인수 조건|tiêu chí hoàn thành|tiêu chí thành công|kriteria sukses
    kryteria akceptacji
    """,
    "gotchas": """
    問題が出やすい点|問題が出やすい点と対処|よくある問題|トラブルシューティング|문제 해결
    stolperfallen|fallstricke|pièges|trampas|armadilhas|подводные камни|注意点|注意事项|주의사항|주의 사항
    """,
    "test_commands": """
    testbefehl|testbefehle|commande de test|commandes de test|comando de prueba|comandos de prueba
    comando de teste|comandos de teste|команда проверки|команда тестирования|команды проверки|テストコマンド
    실행 커맨드|실행 명령|실행 명령어|검증 명령|검증 명령어|검증 커맨드
    検証コマンド|测试命令|验证命令|테스트 명령
    """,
    "tests": """
    testes|pruebas|тесты|测试|测试用例|テスト|테스트|testfälle|testy
    """,
    "verification": """
    verifica|vérification|verificación|verificação|validación|validação|plan de verificación
    plano de verificação|проверка|верификация|überprüfung|verifizierung|検証|検証方法|確認方法|验证|验证方法
    验证步骤|검증|검증 방법|kiểm tra|verifikasi
    """,
    "automated": """
    pruebas automatizadas|verificación automática|testes automatizados|tests automatisés
    automatisierte tests|автоматическая проверка|自動検証|自动验证
    """,
    "manual": """
    verificación manual|verificação manual|pruebas manuales|vérification manuelle|manuelle prüfung
    ручная проверка|手動確認|手动验证
    """,
    "expected_files": """
    fichier|fichiers à créer|fichiers à modifier|datei|dateien|archivo|arquivo|файл
    estructura objetivo|estructura propuesta|pliki|plik|pliki do utworzenia|pliki do zmiany
    dateien|betroffene dateien|fichiers|fichiers concernés|archivos|archivos afectados|archivos a modificar
    archivos a crear|arquivos|arquivos afetados|arquivos modificados|файлы|изменяемые файлы|затронутые файлы
    ファイル|対象ファイル|変更ファイル|関連ファイル|成果物ファイル|文件|涉及文件|修改文件|新增文件|파일
    대상 파일|수정 파일|tệp|berkas
    """,
    "duration": """
    見積工数|見積もり工数|工数|예상 시간|예상 소요 시간
    dauer|aufwand|durée|duración|duração|esfuerzo|esforço|срок|сроки|длительность|期間|所要時間|見積もり
    时间|工期|预计时间|기간|thời gian|durasi|tijd
    """,
    "status": """
    estado|statut|статус|состояние|ステータス|状態|状态|상태
    """,
    "ignored": """
    影響範囲|影响范围|anmerkungen|anmerkungen und details|hinweise
    当前基础|现有基础|当前状态|现状|关键问题|待解决问题|未解决问题|现有问题|현재 상태|배경|背景知识
    优先级|优先度|复杂度|预估复杂度|风险等级|负责人|类型|優先度|複雑度|担当|担当者|種別|우선순위|난이도|담당|담당자|위험도
    prioridad|complejidad|riesgo|responsable|tipo|priorité|complexité|risque|prioridade|complexidade|risco|responsável
    priorität|komplexität|risiko|verantwortlich|typ|приоритет|сложность|риск|ответственный|тип|исполнитель
    ключевые решения|решения|decisiones|decisões|entscheidungen|priorità
    complessità|rischio
    nicht im umfang|hors périmètre|fuera de alcance|fora do escopo|вне рамок|範囲外|対象外|不在范围|риски
    risiken|risques|riesgos|riscos|风险|リスク|위험|notas|hinweise|заметки|备注|備考|비고
    """,
}
"""Field -> its labels, casefolded."""
