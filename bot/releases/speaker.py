"""Who speaks in an entry: by its feed, by what its source is called and by where it links. Pure."""

import re
from dataclasses import dataclass, replace
from urllib.parse import urlsplit

from bot.model.feed import Feed, FeedKind, Voice

# Hosts of labs, by their ends; on shared hosts (see below) the first part of the path decides.
_HOSTS = {
    "openai.com": "openai", "anthropic.com": "anthropic", "claude.com": "anthropic",
    "deepmind.google": "google", "deepmind.com": "google", "blog.google": "google",
    "developers.googleblog.com": "google", "research.google": "google", "ai.google.dev": "google",
    "cloud.google.com": "google", "gemini.google": "google", "deepmind.google.com": "google",
    "antigravity.google": "google", "ai.meta.com": "meta", "meta.com": "meta", "llama.com": "meta",
    "x.ai": "xai", "mistral.ai": "mistral", "deepseek.com": "deepseek", "qwen.ai": "alibaba",
    "qwenlm.github.io": "alibaba", "alibabacloud.com": "alibaba", "modelstudio.console.aliyun.com":
    "alibaba", "tongyi-agent.github.io": "alibaba", "moonshot.ai": "moonshot",
    "moonshotai.github.io": "moonshot", "kimi.com": "moonshot", "moonshot.cn": "moonshot",
    "z.ai": "zai", "zhipuai.cn": "zai", "bigmodel.cn": "zai", "zai-org.github.io": "zai",
    "minimax.io": "minimax", "minimaxi.com": "minimax", "nvidia.com": "nvidia",
    "nvidianews.nvidia.com": "nvidia", "microsoft.com": "microsoft", "microsoft.ai": "microsoft",
    "cohere.com": "cohere", "cohere.ai": "cohere", "aboutamazon.com": "amazon",
    "amazon.science": "amazon", "aws.amazon.com": "amazon", "stability.ai": "stability",
    "allenai.org": "ai2", "ai21.com": "ai21", "baidu.com": "baidu", "tencent.com": "tencent",
    "seed.bytedance.com": "bytedance", "volcengine.com": "bytedance", "mimo.xiaomi.com": "xiaomi",
    "ibm.com": "ibm", "machinelearning.apple.com": "apple", "apple.com": "apple", "bfl.ai": "bfl",
    "blackforestlabs.ai": "bfl", "runwayml.com": "runway", "inceptionlabs.ai": "inception",
    "reka.ai": "reka", "databricks.com": "databricks", "snowflake.com": "snowflake",
    "perplexity.ai": "perplexity", "stepfun.com": "stepfun", "stepfun.ai": "stepfun",
    "huawei.com": "huawei", "kuaishou.com": "kuaishou", "klingai.com": "kuaishou",
    "tii.ae": "tii", "inflection.ai": "inflection", "cognition.ai": "cognition",
    "cognition.com": "cognition", "windsurf.com": "windsurf", "codeium.com": "windsurf",
    "cursor.com": "cursor", "worldlabs.ai": "worldlabs", "midjourney.com": "midjourney",
    "elevenlabs.io": "elevenlabs", "kyutai.org": "kyutai", "lgresearch.ai": "lg",
    "sakana.ai": "sakana", "sarvam.ai": "sarvam", "sensetime.com": "sensetime",
    "thinkingmachines.ai": "thinkingmachines", "adobe.com": "adobe", "writer.com": "writer",
    "arcee.ai": "arcee", "01.ai": "01ai", "lingyiwanwu.com": "01ai", "xfyun.cn": "iflytek",
    "nousresearch.com": "nous", "liquid.ai": "liquid", "poolside.ai": "poolside",
}  # fmt: skip
# Who publishes under which name on GitHub, Hugging Face and ModelScope.
_ORGANISATIONS = {
    "openai": "openai", "anthropics": "anthropic", "google": "google", "google-deepmind": "google",
    "meta-llama": "meta", "facebook": "meta", "facebookresearch": "meta", "xai-org": "xai",
    "mistralai": "mistral", "deepseek-ai": "deepseek", "qwenlm": "alibaba", "qwen": "alibaba",
    "alibaba-nlp": "alibaba", "wan-ai": "alibaba", "tongyi-mai": "alibaba",
    "moonshotai": "moonshot", "zai-org": "zai", "thudm": "zai", "minimaxai": "minimax",
    "minimax-ai": "minimax", "nvidia": "nvidia", "nvlabs": "nvidia", "microsoft": "microsoft",
    "coherelabs": "cohere", "cohereforai": "cohere", "amazon": "amazon", "stabilityai": "stability",
    "allenai": "ai2", "ai21labs": "ai21", "baidu": "baidu", "paddlepaddle": "baidu",
    "tencent": "tencent", "tencent-hunyuan": "tencent", "bytedance-seed": "bytedance",
    "bytedance": "bytedance", "xiaomimimo": "xiaomi", "ibm-granite": "ibm", "apple": "apple",
    "black-forest-labs": "bfl", "rekaai": "reka", "databricks": "databricks",
    "snowflake": "snowflake", "perplexity-ai": "perplexity", "stepfun-ai": "stepfun",
    "01-ai": "01ai", "kwai-klear": "kuaishou", "kwai-keye": "kuaishou", "tiiuae": "tii",
    "kyutai": "kyutai", "lgai-exaone": "lg", "sakanaai": "sakana", "sarvamai": "sarvam",
    "sensenova": "sensetime", "swiss-ai": "swiss-ai", "baichuan-inc": "baichuan",
    "writer": "writer", "arcee-ai": "arcee", "thinking-machines-lab": "thinkingmachines",
    "nousresearch": "nous", "liquidai": "liquid", "meituan-longcat": "meituan",
    "inclusionai": "antgroup", "huggingfacetb": "huggingface", "poolside": "poolside",
}  # fmt: skip
_SHARED = ("github.com", "huggingface.co", "modelscope.cn", "modelscope.ai", "hf.co")

# What sources are called. The first pattern that a source's words match decides.
_PLATFORMS = re.compile(
    r"ollama|groq|windsurf|cursor|perplexity|together|fireworks|cerebras|openrouter|replicate|"
    r"vercel|github.?copilot|bedrock|azure|vertex|databricks|snowflake|hugging.?face.?blog|baseten|"
    r"lm.?studio|modal|cloudflare|zed|vllm|sglang"
)
_NEWS = re.compile(
    r"^hn$|hacker|the.?batch|arstechnica|verge|reuters|techcrunch|decoder|bloomberg|venturebeat|"
    r"wired|artificial.?analysis|surge|smol|simon|reddit|aibase|36kr|jiqizhixin|qbitai|ledger|"
    r"news\.google|medium|substack|wsj|nytimes|ft\.com|cnbc|engadget|zdnet"
)
_LABS = {
    r"openai": "openai", r"anthropic|claude": "anthropic", r"deepmind|google|gemini": "google",
    r"meta.?ai|^meta\b|llama": "meta", r"xai|x\.ai|grok": "xai", r"mistral": "mistral",
    r"deepseek": "deepseek", r"qwen|alibaba|tongyi": "alibaba", r"moonshot|kimi": "moonshot",
    r"z_?\.?ai|zhipu|glm|bigmodel": "zai", r"minimax": "minimax", r"nvidia": "nvidia",
    r"microsoft": "microsoft", r"cohere": "cohere", r"amazon|aws": "amazon",
    r"stability": "stability", r"ai2\b|allen": "ai2", r"ai21": "ai21", r"baidu|ernie": "baidu",
    r"tencent|hunyuan": "tencent", r"bytedance|seed": "bytedance", r"xiaomi|mimo": "xiaomi",
    r"\bibm": "ibm", r"apple": "apple", r"black.?forest|\bbfl": "bfl", r"runway": "runway",
    r"stepfun": "stepfun", r"thinking.?machines": "thinkingmachines", r"reka": "reka",
    r"inception": "inception", r"huawei|pangu": "huawei", r"kuaishou|kling": "kuaishou",
    r"world.?labs": "worldlabs", r"elevenlabs": "elevenlabs", r"sakana": "sakana",
    r"arcee": "arcee", r"writer": "writer", r"adobe": "adobe", r"cognition": "cognition",
}  # fmt: skip
_PLATFORM_LABS = {
    "windsurf": "windsurf", "cursor": "cursor", "perplexity": "perplexity",
    "databricks": "databricks", "snowflake": "snowflake",
}  # fmt: skip
_REGISTER = re.compile(r"releases?$|release.?notes|models?$|changelog|registry|epoch")


@dataclass(frozen=True, slots=True)
class Speaker:
    """Who speaks: `voice`, `lab` ("" for several), and whose page the link leads to."""

    voice: Voice
    lab: str
    linked: str


def host_lab(url: str) -> str:
    """The lab whose page an address is; "" if it is nobody's."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return ""
    host = (parts.hostname or "").removeprefix("www.")
    path = [piece for piece in parts.path.split("/") if piece]
    if host in _SHARED:
        if path[:1] in (["papers"], ["blog"], ["spaces"], ["models"]):
            path = path[1:]
        return _ORGANISATIONS.get(path[0].lower(), "") if path else ""
    while host.count("."):
        if host in _HOSTS:
            return _HOSTS[host]
        host = host.split(".", 1)[1]
    return ""


def own_voice(url: str, lab: str) -> Voice:
    """Who speaks in a feed of somebody's own choosing: the lab only on the lab's own pages."""
    return Voice.LAB if lab and host_lab(url) == lab else Voice.NEWS


def by_address(feed: Feed) -> Feed:
    """A feed with the voice that it has now: what was stored of somebody's own may be outdated."""
    return replace(feed, voice=own_voice(feed.url, feed.lab)) if feed.owner else feed


def speaker_of(feed: Feed, url: str) -> Speaker:
    """Who speaks in an entry of `feed` that links to `url`."""
    linked = host_lab(url)
    lab = feed.lab
    if feed.voice is Voice.LAB and not lab:
        lab = linked
    return Speaker(feed.voice, lab, linked)


def feed_named(source: str, url: str = "") -> Feed:
    """A feed for a source known only by what it is called and where an entry of it links."""
    words = source.strip().lower()
    name = words.split(":", 1)[1] if ":" in words else words
    voice, lab = Voice.NEWS, ""
    if _PLATFORMS.search(name):
        voice = Voice.PLATFORM
        lab = next((key for word, key in _PLATFORM_LABS.items() if word in name), "")
    elif not _NEWS.search(name):
        lab = next((key for pattern, key in _LABS.items() if re.search(pattern, name)), "")
        linked = host_lab(url)
        if lab or (linked and linked in name):
            lab = lab or linked
            voice = Voice.REGISTER if _REGISTER.search(name) else Voice.LAB
    return Feed(f"named:{source}", FeedKind.FEED, voice, "", source, lab)
