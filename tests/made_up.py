"""Headlines of our own making, about models that do not exist, to learn from beside real ones.

The labelled ones have few rumours and hardly any Chinese. Each line: release or not, source, title.
"""

_LINES = """
+ 36kr | 深度求索发布 DeepSeek-V9，性能全面提升
+ 36kr | 阿里通义千问 Qwen8 正式发布并开源
+ jiqizhixin | 智谱开源 GLM-9V：视觉理解再升级
+ jiqizhixin | 月之暗面推出 Kimi K7，支持百万上下文
+ aibase | 腾讯混元 Hunyuan-T9 正式上线
+ aibase | 百度发布文心大模型 9.0
+ aibase | 字节跳动推出豆包大模型 7.0
+ aibase | 小米开源推理大模型 MiMo-V5
+ qbitai | 快手可灵 Kling 8.0 来了：视频生成更稳定
+ qbitai | MiniMax 发布新一代语音模型 Speech-9
+ qbitai | 阶跃星辰开源多模态模型 Step-9V
+ mib:deepseek_news | DeepSeek-V9-Lite 发布 2031/02/03
+ zhipu_research | GLM-9：更快的推理，更低的成本
- 36kr | 传闻 DeepSeek-V9 将于下月发布
- 36kr | 曝 OpenAI 即将推出 GPT-9
- 36kr | 月之暗面完成 10 亿美元融资
- 36kr | 阿里云宣布与某汽车集团达成合作
- jiqizhixin | 如何评价 DeepSeek-V9？一文读懂
- jiqizhixin | GLM-9 与 Qwen8 对比评测：谁更强
- aibase | 华为云接入 DeepSeek-V9 模型
- aibase | 微信正式接入 Hunyuan-T9
- aibase | AI 日报：Qwen8 开源；Kimi 推出会员套餐
- aibase | 豆包 App 上线新功能
- qbitai | 百度文心一言宣布降价
- qbitai | 研究：大模型为什么会产生幻觉
- qbitai | 知情人士：字节跳动或将发布新模型
- qbitai | GLM-9 技术报告解读
- mib:deepseek_news | API 价格调整 2031/02/03
- theverge | OpenAI reportedly plans to launch GPT-9 next month
- theverge | Google could release Gemini 9 as soon as this week
- theverge | Leaked memo hints at Claude Opus 9
- theverge | Meta is said to delay Llama 9
- theverge | xAI to launch Grok 9 in the spring, Musk says
- reuters | DeepSeek preparing to release V9 model, sources say
- reuters | Exclusive: Anthropic set to unveil Claude Sonnet 9 within weeks
- reuters | Mistral expected to debut Mistral Large 9 at summit
- techcrunch | GPT-9 spotted in API logs ahead of launch
- techcrunch | What we know so far about Gemini 9 Ultra
- techcrunch | OpenAI teases GPT-9 in cryptic post
- techcrunch | Llama 9 rumored to have 4T parameters
- hn | Gemini 9 Ultra spotted on the leaderboard
- hn | Leaked: Claude Opus 9 system prompt
+ theverge | OpenAI launches GPT-9, its smartest model yet
+ theverge | Google's Gemini 9 is here, and it is fast
+ reuters | China's DeepSeek releases V9 model with open weights
+ reuters | Mistral unveils Mistral Large 9 in challenge to US rivals
+ techcrunch | Anthropic releases Claude Opus 9, a new model for long tasks
+ techcrunch | Meta debuts Llama 9, its first model that reasons by default
+ techcrunch | Start-up Thornfield releases Bramble-2, an open-weights coding model
+ the-decoder | Black Forest Labs introduces FLUX.9 for image editing
+ the-decoder | Alibaba open-sources Qwen8-Omni
+ techcrunch | OpenAI launches GPT-9
+ theverge | Google launches Gemini 9 Flash with faster reasoning
+ techcrunch | Anthropic releases Claude Opus 9 with better coding
+ hn | Google unveils Gemini 9 with long-term memory
+ theverge | xAI debuts Grok 9 and a new voice mode
+ techcrunch | Alibaba's Qwen team open-sources Qwen8
+ hn | OpenAI announces GPT-9, says it beats experts at chemistry
+ hn | DeepSeek drops DeepSeek-V9 weights on Hugging Face
+ techcrunch | Mistral's new model Mistral Large 9 takes on GPT-9
+ reuters | Baidu releases Ernie 9 as price war heats up
+ reuters | Tencent launches Hunyuan-T9 reasoning model
+ arstechnica | Microsoft releases Phi-9, a tiny model that runs on phones
+ bloomberg | Amazon unveils Nova 9 models at cloud conference
+ hn | Zhipu releases GLM-9
- theverge | OpenAI launches GPT-9 store for developers
- techcrunch | Anthropic launches Claude for hospitals
- theverge | Google launches Gemini 9 in Maps
- techcrunch | OpenAI rolls out GPT-9 to free users
- reuters | xAI launches Grok app for cars
- techcrunch | Perplexity adds Claude Opus 9
- techcrunch | Meta launches Llama API
- theverge | Google announces Gemini 9 price cut
- hn | Google releases Gemini CLI 9
- reuters | Samsung unveils phone with Gemini 9
- techcrunch | OpenAI announces GPT-9 fine-tuning
- theverge | Anthropic releases Claude Opus 9 prompting guide
- theverge | OpenAI launches a shopping feature in ChatGPT
- theverge | GPT-9 review: better at code, worse at jokes
- reuters | Anthropic signs chip deal worth $20 billion
- techcrunch | How a small team uses Claude Opus 9 to run a farm
- techcrunch | Microsoft adds GPT-9 to Copilot
- techcrunch | Claude Opus 9 comes to Amazon Bedrock
- the-decoder | GPT-9 beats Gemini 9 on a new maths benchmark
- the-decoder | Google brings Gemini 9 to Chrome
- ollama | Bramble-2
- ollama | Qwen8 is now available to run locally
- groq | Llama 9 now live on GroqCloud
- groq | Day zero support for Bramble-2
- windsurf | Claude Opus 9 in Windsurf at a reduced price
- cursor | GPT-9 is now available in Cursor
- perplexity | Claude Opus 9 for all Pro subscribers
+ cursor | Introducing Composer 9, our own coding model
+ thinkingmachines | Larkspur: an open multimodal model
+ thinkingmachines | Introducing Larkspur-2
+ worldlabs | Introducing Quartz: a world model you can walk through
+ mistral | Sextral
+ mistral | Introducing Quadral: frontier speech understanding
+ meta_ai | Introducing Heron, our most capable model for robotics
+ meta_ai | Heron 2: open vision models for everyone
+ openai | Introducing gpt-oss-9
+ openai | GPT-9-Codex
+ google | Gemini 9: a new generation of intelligence
+ google | Introducing Gemma 9, our most capable open models
+ anthropic | Introducing Claude Haiku 9
+ nvidia | NVIDIA Releases Nemotron 9 Family of Open Models
+ microsoft | Introducing MAI-9: our first frontier model
- openai | GPT-9 system card
- openai | How Northwind uses GPT-9 to answer customers
- openai | Introducing ChatGPT for Gardeners
- openai | Codex now works in your terminal
- google | New ways to use Gemini 9 in Search
- google | Gemini 9 in Gmail: four things to try
- anthropic | Claude Opus 9 now available on Vertex AI
- anthropic | Claude for Libraries
- anthropic | Introducing Anthropic Fellows
- anthropic | Claude Code for the desktop
- mistral | Mistral Compute Europe
- mistral | Mistral Agents API
- cohere | North for Banking
- xai | Grok Business
- xai | Grok in the car
- meta_ai | How a hospital in Lisbon uses Llama 9
- nvidia | How to Fine-Tune Nemotron 9 on a Laptop
- microsoft | GPT-9 in Azure Foundry
- hn | Show HN: Chat with your PDF using GPT-9
- hn | Ask HN: Is Claude Opus 9 worth it?
- hn | Running Qwen8 on a Raspberry Pi
- hn | GPT-9 Prompting Guide
"""


def made_up() -> list[tuple[bool, str, str]]:
    """(release, source, title) of each headline."""
    rows = []
    for line in _LINES.strip().splitlines():
        mark, _, rest = line.partition(" ")
        source, _, title = rest.partition(" | ")
        rows.append((mark == "+", source, title))
    return rows
