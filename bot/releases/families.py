"""The names models go by, whose they are and what they do.

A new version of any of these needs no entry here; a family nobody has heard of is recognised by
the shape of its name and by who speaks (see `spot`).
"""

from dataclasses import dataclass

# Families by lab. A trailing "*" marks an ordinary word or a product's name, which is a model only
# with a version, a size or a variant beside it; a trailing "!" marks a name that the lab itself
# goes by.
_BY_LAB = {
    "openai": "gpt o1 o3 o4 o5 dall-e dalle sora whisper chatgpt* codex* point-e shap-e clip "
    "jukebox gpt-oss gpt-image gpt-realtime operator* tts*",
    "anthropic": "claude* sonnet opus haiku mythos fable",
    "google": "gemini* gemma palm imagen veo lyria genie alphafold alphaearth alphagenome "
    "alphacode alphaproof alphaevolve* weathernext medgemma medlm shieldgemma paligemma codegemma "
    "t5gemma functiongemma embeddinggemma recurrentgemma txgemma sima "
    "nano-banana gnome* learnlm* bard*",
    "meta": "llama codellama sam sam2 dino dinov2 dinov3 seamless emu v-jepa jepa chameleon "
    "omnilingual segment-anything musicgen audiogen voicebox audiobox muse* imagebind",
    "xai": "grok* aurora*",
    "mistral": "mistral! mixtral ministral codestral devstral magistral pixtral voxtral mathstral "
    "leanstral",
    "deepseek": "deepseek! janus* deepseekmath deepseekcoder",
    "alibaba": "qwen qwq qvq tongyi* wan* qianwen codeqwen z-image marco-o1 通义千问 千问 通义",
    "moonshot": "kimi! moonlight kimina kimi-vl",
    "zai": "glm chatglm cogvideo cogvideox cogview cogagent codegeex autoglm 智谱清言",
    "minimax": "minimax! abab hailuo speech* music* synlogic 海螺",
    "nvidia": "nemotron nemo* cosmos* gr00t parakeet canary* minitron alpamayo nemoguard cosmos",
    "microsoft": "phi* orca* mai vibevoice florence* wizardlm bitnet fara trellis magentic*",
    "cohere": "command* aya* rerank embed* north-mini",
    "amazon": "nova* titan* chronos",
    "stability": "stablelm stable-diffusion stable-audio stable-video stable-lm sdxl stable* "
    "stable-cascade",
    "ai2": "olmo olmoe molmo tulu tülu olmocr olmoearth",
    "ai21": "jamba jurassic",
    "baidu": "ernie 文心 文心一言 文心大模型 paddleocr",
    "tencent": "hunyuan hunyuanvideo hy* youtu* 混元",
    "bytedance": "doubao seedream seedance seed* bagel* seedvr 豆包 seed-oss seed-coder",
    "xiaomi": "mimo",
    "ibm": "granite*",
    "apple": "mm1 openelm fastvlm starflow sharp* ferret*",
    "bfl": "flux flux1",
    "runway": "gen-3 gen-4 gen-5 gwm*",
    "inception": "mercury*",
    "reka": "reka!",
    "databricks": "dbrx",
    "snowflake": "arctic*",
    "perplexity": "sonar* pplx",
    "stepfun": "step* stepaudio 阶跃",
    "01ai": "yi*",
    "huawei": "pangu 盘古 openpangu",
    "kuaishou": "kling keye kat* 可灵 kolors",
    "tii": "falcon*",
    "inflection": "inflection! pi*",
    "cognition": "swe*",
    "cursor": "composer*",
    "worldlabs": "marble*",
    "midjourney": "midjourney!",
    "elevenlabs": "eleven* scribe*",
    "kyutai": "moshi kyutai! unmute*",
    "lg": "exaone",
    "sakana": "sakana! txt2lora*",
    "sarvam": "sarvam!",
    "sensetime": "sensenova 日日新 商量",
    "swiss-ai": "apertus",
    "iflytek": "讯飞星火 星火 spark*",
    "baichuan": "baichuan! 百川",
    "adobe": "firefly*",
    "writer": "palmyra",
    "arcee": "trinity* arcee! afm*",
    "thinkingmachines": "tinker* inkling*",
    "iquest": "iquest!",
    "upstage": "solar*",
    "meituan": "longcat",
    "antgroup": "ling* ring* ming*",
    "huggingface": "smollm smolvlm smollm2 smollm3 idefics zephyr starcoder starcoder2 bloom*",
    "liquid": "lfm lfm2",
    "nous": "hermes* nomos*",
    "salesforce": "xgen* codegen* xlam",
    "naver": "hyperclova hyperclovax",
    "suno": "suno!",
    "luma": "ray* dream-machine*",
    "pika": "pika!",
    "ideogram": "ideogram!",
    "openbmb": "minicpm",
    "shanghai-ai-lab": "internlm internvl interns1 intern-s1",
    "servicenow": "apriel",
    "poolside": "laguna* malibu*",
    "deepreinforce": "ornith",
    "lightricks": "ltx ltxv ltx-2",
    "genmo": "mochi*",
    "jina": "jina!",
    "nomic": "nomic!",
    "primeintellect": "intellect*",
    "essential": "rnj",
    "rednote": "dots*",
}

# How labs are called in headlines; longer names are tried first.
LAB_NAMES = {
    "openai": "openai open-ai",
    "anthropic": "anthropic",
    "google": "google deepmind google-deepmind alphabet 谷歌",
    "meta": "meta meta-ai facebook fair",
    "xai": "xai x.ai musk",
    "mistral": "mistral mistral-ai",
    "deepseek": "deepseek 深度求索",
    "alibaba": "alibaba alibaba-cloud 阿里 阿里云 阿里巴巴 qwen",
    "moonshot": "moonshot moonshot-ai 月之暗面 kimi",
    "zai": "zhipu z.ai zai 智谱 智谱ai",
    "minimax": "minimax 稀宇",
    "nvidia": "nvidia 英伟达",
    "microsoft": "microsoft 微软",
    "cohere": "cohere",
    "amazon": "amazon aws 亚马逊",
    "stability": "stability stability-ai",
    "ai2": "ai2 allen-ai allenai allen-institute",
    "ai21": "ai21 ai21-labs",
    "baidu": "baidu 百度",
    "tencent": "tencent 腾讯",
    "bytedance": "bytedance 字节跳动 字节",
    "xiaomi": "xiaomi 小米",
    "ibm": "ibm",
    "apple": "apple 苹果",
    "bfl": "black-forest-labs",
    "runway": "runway",
    "inception": "inception-labs",
    "reka": "reka reka-ai",
    "databricks": "databricks",
    "snowflake": "snowflake",
    "perplexity": "perplexity",
    "stepfun": "stepfun 阶跃星辰",
    "01ai": "01.ai 零一万物",
    "huawei": "huawei 华为",
    "kuaishou": "kuaishou 快手",
    "tii": "tii technology-innovation-institute",
    "inflection": "inflection inflection-ai",
    "cognition": "cognition",
    "windsurf": "windsurf",
    "cursor": "cursor",
    "worldlabs": "world-labs",
    "midjourney": "midjourney",
    "elevenlabs": "elevenlabs",
    "kyutai": "kyutai",
    "lg": "lg lg-ai",
    "sakana": "sakana sakana-ai",
    "sarvam": "sarvam sarvam-ai",
    "sensetime": "sensetime 商汤",
    "swiss-ai": "swiss-ai",
    "iflytek": "iflytek 科大讯飞 讯飞",
    "baichuan": "baichuan 百川智能",
    "adobe": "adobe",
    "writer": "writer",
    "arcee": "arcee arcee-ai",
    "thinkingmachines": "thinking-machines",
    "meituan": "meituan 美团",
    "antgroup": "ant-group inclusionai 蚂蚁",
    "liquid": "liquid-ai",
    "nous": "nous nous-research",
    "huggingface": "hugging-face",
    "upstage": "upstage",
    "poolside": "poolside",
    "naver": "naver",
    "salesforce": "salesforce",
    "servicenow": "servicenow",
}


@dataclass(frozen=True, slots=True)
class Family:
    """A family of models: `word` marks one that is an ordinary word or a product too."""

    lab: str
    word: bool = False
    is_lab: bool = False


def _families() -> dict[str, Family]:
    found = {}
    for lab, names in _BY_LAB.items():
        for name in names.split():
            stem = name.rstrip("*!")
            found[stem] = Family(lab, word=name.endswith("*"), is_lab=name.endswith("!"))
    return found


FAMILIES = _families()
LABS = {
    name.replace("-", " ") if name != "open-ai" else name: lab
    for lab, names in LAB_NAMES.items()
    for name in names.split()
}
