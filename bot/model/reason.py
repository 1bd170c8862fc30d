"""Why an entry was taken for what it was, in words for people. Pure."""

# What a reason begins with where an entry is no release; "release" says nothing new and goes.
_KINDS = {
    "release": "",
    "rumor": "a rumour",
    "availability": "a known model offered somewhere",
    "product_feature": "about a product, not a model",
    "system_card": "a paper on a model",
    "benchmark": "about benchmarks",
    "opinion": "written about models",
    "tutorial": "a tutorial",
    "case_study": "about a customer",
    "partnership": "about partners",
    "funding": "about money raised",
    "policy": "about policy or law",
    "company": "about the company",
    "research": "about research",
    "dataset": "a data set",
    "tool": "a tool, not a model",
    "hardware": "about hardware",
    "market": "about markets",
    "digest": "several topics",
    "repack": "another's model, repacked",
    "repost_old": "an old model, listed again",
    "alias": "another name of a model",
    "junk": "nothing to judge",
    "error": "not to be read",
    "other": "",
}


def in_words(reason: str) -> str:
    """ "product_feature: “app”" as "about a product, not a model: “app”"."""
    kind, colon, rest = reason.strip().partition(": ")
    if not colon or kind not in _KINDS:
        return reason.strip().replace("_", " ")
    return f"{_KINDS[kind]}: {rest}" if _KINDS[kind] else rest
