"""Words that belong to names of models, and words that look like names and are none."""

import re


def _set(text: str) -> frozenset[str]:
    return frozenset(text.split())


# Words that follow a family and belong to the name.
VARIANTS = _set(
    "pro flash lite mini max ultra nano turbo preview beta alpha instruct thinking coder code "
    "vision vl omni audio embedding embed embeddings ocr large medium small tiny exp experimental "
    "reasoning reasoner base chat realtime sonnet opus haiku image images video music speech tts "
    "asr robotics er guard math terminus speciale fast high next edge air plus translate "
    "translation instant voice live native xl xs highspeed multilingual nemo creative lightning "
    "heavy scout maverick behemoth super fable mythos reranker rerank moe distill zero lm linear "
    "transcribe search codex safeguard vla world 3d moderation saba prover sonic premier canvas "
    "reel diffusion deepresearch cascade"
)
VARIANT_CAPS = _set(
    "Audio Vision Voice Video Math Embed Rerank OCR ASR TTS LLM VLM VLA MoE LM "
    "Guard Omni Zero GPT VL LLMs"
)
# Of these, the ones that say more about a model than about a product of the same name.
WEAK_VARIANTS = _set("code pro max live search voice chat native fast plus next")

# Names built like those of known families.
KIN = re.compile(
    r"^[A-Z]\w*(?:stral|gemma|llama|GPT|LM|LLM|VLM|VL|VLA|MoE|Coder|Guard|Omni|Diffusion|Former|"
    r"former|OCR|ASR|TTS|Embed|Rerank|Audio|Vision|Voice|Video|Math|Prover|R1|Zero)$"
)
# A part of a name that makes it a program's, not a model's.
THING = re.compile(
    r"[-.](?:mcp|cli|sdk|api|apis|provider|hackathon|verifier|plan|bench|tools?|io|skills?|app|"
    r"cookbook|agents?|hf|gguf|awq|gptq|docs|demo|examples?|client|server|plugin|extension|"
    r"playground|studio|toolkit|py|js)\b",
    re.IGNORECASE,
)
# Words that stand before a number without being a name.
PLAIN_WORDS = _set(
    "top over under about the a an our your my all first last next new in on at to from for with "
    "of and or by than best big wave part day chapter series level tier step phase model models "
    "version class act code windows python ios macos android nearly almost just only how why what "
    "when who these those this its their some most more up raises surpasses reaches hits adds "
    "opens joins saves introducing announcing meet hello january february march april may june "
    "july august september october november december h q fy title section article safety stage "
    "round edition episode vol volume issue week page ten five six seven"
)
# Begin like a family and are none of its models.
NO_MODELS = _set("llamacon llamaindex gpts gptzero qwenlm llamafile deepseekers")
PRESENTS = _set(
    "introducing announcing presenting meet hello releasing launching unveiling debuting releases "
    "launches unveils debuts introduces drops ships open-sources announces presents publishes new "
    "发布 推出 开源"
)
NO_NAME = _set(
    "the a an our your my how why what when who where these those this it we i you in on for with "
    "to of and new next first open ai api apis model models update updates research partnership "
    "everything inside building making improving advancing expanding understanding"
)
