"""Words that say what an entry is about, in English and Chinese.

Each class is one pattern over a plain, lower-case title. Several may match one title; which of
them counts for how much is learnt (see `weights`), and the strongest gives the reason.
"""

import re

# What an entry is when it is no release, with the words that say so. The keys are the reasons
# that people see; a part after the slash tells patterns of one reason apart.
SIGNS: dict[str, str] = {
    "rumor": r"\b(?:rumou?r(?:s|ed)?|reportedly|leak(?:s|ed)?|spotted|expected to|said to|"
    r"may (?:launch|release|soon)|might|could (?:launch|release|arrive)|to (?:launch|release|"
    r"unveil|debut)|plans? to|planning to|prepar(?:es|ing)|gearing up|rush(?:es|ing)|set to|"
    r"about to|teas(?:es|ed|ing)|delay(?:s|ed)?|coming (?:soon|before|next|in|this)|upcoming|"
    r"anticipation|will (?:launch|release|be released)|hints?|roadmap|first look at|soon\b|"
    r"postpone[sd]?|imminent|insider)|或将|传闻|曝光?|爆料|即将|据悉|有望|将于|泄露|预告|推迟",
    "availability": r"\b(?:now (?:available|live|supports?|in|on)\b(?! the api)|available (?:in|on|"
    r"to|via|through)|comes to|arrives (?:on|in)|lands (?:on|in)|support(?:s|ed)? for|"
    r"day (?:zero|0)|on day|on (?:groqcloud|ollama|vertex|bedrock|azure|amazon|aws|github|"
    r"databricks|snowflake|openrouter|cerebras|together|fireworks|nvidia)|in (?:amazon|azure|"
    r"windsurf|cursor|github|xcode|microsoft|vertex|google|bedrock|zed|copilot|snowflake|the app)|"
    r"rolling out to|expand(?:s|ed|ing) access|in europe|live (?:on|in))\b|"
    r"接入|登陆|支持.{0,6}模型",
    "product_feature/app": r"\b(?:app|apps|plan|plans|pricing|prices?|subscription|tier|"
    r"enterprise|business|team|teams|education|edu|government|nonprofits?|desktop|mobile|browser|"
    r"extensions?|plugins?|connectors?|memory|memories|projects|artifacts|canvas|skills?|tasks|"
    r"voice mode|shopping|search|studio|workspace|console|dashboard|playground|cowork|"
    r"chrome|excel|slack|powerpoint|ads|health|finance|financial services|life sciences|"
    r"healthcare|legal|security review|certifications?|academy|marketplace|app store)\b|"
    r"应用|套餐|会员|订阅|价格|降价|功能",
    "product_feature/api": r"\b(?:api|apis|sdk|cli|mcp|batch|caching|cache|fine-?tun(?:e|ing)|"
    r"endpoint|rate limits?|context windows?|tokens of context|tool use|function calling|"
    r"structured outputs?|code interpreter|connectors|webhooks|responses|agentkit|chatkit|"
    r"protocol|integrations?|platform|web search|streaming|prompt caching|collections|files)\b|"
    r"接口|缓存|上下文|平台",
    "product_feature/agent": r"\b(?:agents?|assistant|swarm|deep research|research mode|computer "
    r"use|operator|copilot|code on the web|autonomously|workflow|workflows|automation|"
    r"le chat|chatgpt|claude code|codex|antigravity|jules|notebooklm|vibe|grokipedia|atlas|"
    r"comet|devin|cascade)\b|智能体|助手",
    "availability/now": r"\bnow (?:available|supports?|live|generally)\b|\bgenerally available\b|"
    r"\bis live\b",
    "system_card": r"\b(?:system card|model card|addendum|technical report|tech report|"
    r"model spec|safety report|preparedness|acknowledge?ments|risk report|evaluation report)\b|"
    r"技术报告",
    "benchmark": r"\b(?:benchmarks?|bench|leaderboard|eval(?:s|uat\w+)?|everything you need to "
    r"know|analysis|arena|vs\.?|versus|compar(?:ed|ing|ison)|measuring|performance|results|"
    r"outperforms?|surpass(?:es)?|beats?|tested|head to head|score[sd]?|index|tops|verified|"
    r"hallucinat\w+|dominates)\b|评测|基准|榜单|对比",
    "opinion": r"\b(?:why|what|how|review|thoughts?|opinion|the case for|lessons|impressions|"
    r"hands-on|trying|i (?:tried|tested|built|made)|is it|should|the end of|the rise of|"
    r"freaking|explained|explainer|take on|notes on|reflections?|in the age of|interview|podcast|"
    r"discussion|visions?|my|year in review|looking back|future of|"
    r"isn't|aren't|doesn't|don't|can't|not)\b|\?|为什么|如何|解读|盘点|观点|体验",
    "tutorial": r"\b(?:how to|guide|tutorial|tips|prompt(?:ing)? |getting .* working|"
    r"run(?:s|ning)? (?:on|locally)|build(?:ing)? (?:a|an|your)|step by step|cookbook|"
    r"best practices|"
    r"on (?:a|your|my) |reverse engineering|setup|learn|top \d+|coding with|start building)\b|"
    r"教程|指南|手把手",
    "case_study": r"\b(?:how .{2,40} (?:is|are|uses?|used|helps?|helped|built|builds|ran|"
    r"employs?)\b|is using|case study|customers?|customer story|helping|helped|powers|"
    r"with help from|"
    r"increasing revenue|saves?)\b|案例",
    "partnership": r"\b(?:partner(?:s|ed|ing|ship|ships)?|collaborat\w+|teams? up|joins?|alliance|"
    r"agreement|deal|mou|memorandum|together with|signs?|pledge|to bring|contribution|"
    r"expand(?:s|ing)? (?:partnership|our))\b|合作|签署|战略",
    "funding": r"\b(?:rais(?:es|ed|ing)|series [a-h]\b|funding|valuation|invest(?:s|ed|ing|ment|"
    r"ments|or|ors)?|billion|million|ipo|stake|\$\d|revenue|acqui(?:res?|red|sition)|buys|"
    r"spending|income|loss)\b|\$\d|融资|估值|投资|收购|上市|亿",
    "policy": r"\b(?:policy|policies|regulat\w+|law|lawsuit|court|sues?|settle\w*|congress|senate|"
    r"act\b|executive order|export|ban(?:s|ned)?|governor|copyright|responsible scaling|"
    r"compliance|transparency|constitution|privacy|terms|safeguards?|election\w*|"
    r"safety level|governance|national security|teen|teens|wellbeing|well-being|standards?|"
    r"code of practice|misuse|malicious|cyber|espionage)\b|政策|监管|法案|禁令|诉讼",
    "company": r"\b(?:appoint(?:s|ed)?|hires?|hiring|ceo|cfo|cto|chief|board|office|offices|"
    r"headquarters|employees|founders?|layoffs?|startup program|hackathon|conference|event|"
    r"program(?:me)?|economic|fellowship|fellows|award|awards|recap|years? of|anniversary|"
    r"statement|commitment|joining|acquir\w+|winners|cohort|advisory|institute|foundation|"
    r"recognized|leader|expansion)\b|任命|办公室|总部|公司|人事",
    "research": r"\b(?:research|paper|study|understanding|towards?|method|methods|theory|science|"
    r"investigating|interpretab\w+|alignment|scaling laws|mechanis\w+|circuits|mathematics|"
    r"discover\w*|experiments?|breakthroughs?|detecting|tracing|auditing|insights|monitorab\w+|"
    r"techniques|training|load balanc\w+|attention|optimi[sz]\w+|supervision|adversarial|"
    r"robustness|problems?|generaliz\w+|simulat\w+|learning to|improving|extracting|"
    r"constrained|connections|report)\b|研究|论文|方法",
    "dataset": r"\b(?:datasets?|corpus|corpora|data set|data release)\b|数据集|语料",
    "tool": r"\b(?:library|framework|toolkit|tool|tools|open-?source (?:tool|library|framework)|"
    r"github action|provider|verifier|engine|kernel|scheduler|show hn|python|javascript|rust|"
    r"compiler|package|repo|runtime|vllm|llama\.cpp|scope)\b|工具|框架|开源库",
    "hardware": r"\b(?:gpu|gpus|tpu|tpus|chip|chips|data ?cent(?:er|re)s?|gigawatts?|supercomputer|"
    r"blackwell|rubin|rtx|dgx|geforce|compute capacity|server|servers|robot(?:s)?\b(?!ics)|device|"
    r"devices|lpu|10gw|infrastructure|rack)\b|芯片|显卡|算力",
    "market": r"\b(?:stocks?|shares|market cap|wall street|nasdaq|selloff|sell-off|markets|bubble|"
    r"analysts?|earnings)\b|股价|股市|市值",
    "digest": r"\b(?:weekly|daily|round-?up|digest|newsletter|the latest .{0,20}news|in \d{4}|"
    r"this week|highlights|changelist|changelog|recap|top .{0,12}stories|everything we announced|"
    r"all the news|at google|release log|last week in)\b|日报|周报|早报|晚报|汇总|一周",
    "repack": r"\b(?:gguf|awq|gptq|exl2|mlx|bnb|fp8|int4|int8|4-?bit|8-?bit|quantiz\w+|"
    r"quantis\w+|uncensored|abliterated|merge|lora|distill(?:ed)? by|finetune of|hf)\b|量化",
}

# Ways to say that something is made available now.
OUT: dict[str, str] = {
    "introducing": r"^(?:introducing|announcing|presenting|meet|hello|say hello to|releasing|"
    r"launching|unveiling|welcome|debuting|open[- ]sourcing)\b:?",
    "launches": r"\b(?:launch(?:es|ed)?|releas(?:es|ed)|unveil(?:s|ed)?|debut(?:s|ed)?|"
    r"introduc(?:es|ed)|drops?|ships?|open-?sources?d?|rolls out|announces?|hits back with|"
    r"publishes|unleashes|delivers|presents|out now|now out)\b|发布|推出|问世|亮相|登场|开源",
    "is_here": r"\b(?:is|are) (?:here|out|now out|finally here|released|live)\b|\barrives?\b|"
    r"\bhas (?:arrived|landed)\b|\bnow (?:released|in the api|open|open-source)\b|来了|上线|开放",
    "release": r"\b(?:release|launch|open release|beta release|official release|preview)\b|"
    r"正式版|更新|升级",
    "new_model": r"\bnew\b.{0,40}\bmodels?\b|\bmodels?\b.{0,30}\breleased\b|"
    r"\bnext[- ]generation\b|\bnew (?:series|generation|family|flagship|frontier|version)\b|"
    r"\bour (?:most|first|latest|new|best|fastest|smartest|largest|strongest|newest)\b|"
    r"\bfamily of .{0,20}models\b|\bmost (?:capable|powerful|advanced|intelligent)\b|"
    r"\b(?:world's|fully|truly) (?:first|best|most|open)\b",
    "tagline": r"\b(?:intelligence|frontier|state[- ]of[- ]the[- ]art|sota|open|multimodal|"
    r"native(?:ly)?|efficient|faster|smarter|reasoning|advancing|towards|pushing|scal(?:e|ing)|"
    r"capab\w+|powerful|agentic|real[- ]time|next|built for|beyond|era|world)\b",
    "model_word": r"\b(?:model|models|llm|llms|vlm|moe|foundation model|language model|"
    r"diffusion|rerankers?|embeddings?|text-to-\w+|generator|open[- ]weights?|"
    r"(?:speech|voice|image|video|reasoning|coding|world|vision|weather|robotics) models?)\b|模型",
}

# Words of a summary that a release's first lines have, and those of other things.
SAID: dict[str, str] = {
    "today_release": r"\b(?:today,? we(?:'re| are)?|we(?:'re| are) (?:releasing|launching|"
    r"introducing|excited|thrilled|announcing|pleased|proud)|we (?:announce|release|introduce|"
    r"present|launched|released|open-source)|we've (?:launched|released)|released|launched|"
    r"now available|introducing)\b|发布|推出|开源",
    "our_model": r"\b(?:our (?:new|latest|first|next|most|flagship|best|newest)|new (?:model|"
    r"generation|flagship|version|series|family)|latest (?:model|iteration|version))\b",
    "sizes": r"\b\d+(?:\.\d+)?\s?(?:b|billion|trillion|t)\b.{0,12}(?:param|model|moe|active)|"
    r"\bparameters\b|\bmixture[- ]of[- ]experts\b|\bcontext (?:length|window)\b",
    "links": r"\b(?:hugging ?face|modelscope|github|weights)\b",
    "hf_model": r"\[huggingface model\]|text-generation|image-text-to-text|any-to-any",
    "repo": r"\[github repo\]|\bofficial repo\b",
    "access": r"^access api|\bapi\b",
    "sota": r"\bstate[- ]of[- ]the[- ]art\b|\bsota\b|\bbenchmarks?\b|\boutperform",
    "customer": r"\b(?:customers?|employees|partnership|partners?|companies|enterprise|funding)\b",
    "points": r"score: \d{3,}",
}

SIGN_PATTERNS = {name: re.compile(pattern) for name, pattern in SIGNS.items()}
OUT_PATTERNS = {name: re.compile(pattern) for name, pattern in OUT.items()}
SAID_PATTERNS = {name: re.compile(pattern) for name, pattern in SAID.items()}
