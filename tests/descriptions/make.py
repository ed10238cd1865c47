#!/usr/bin/env python3
"""Makes the files beside it out of the published descriptions of APIs: `make.py <folder with the descriptions>`.

What is kept is what tells a request, or an answer, that fits from one that does not: names, types, what is required, which words are
allowed. Prose, examples and formats are left out. Three things are written differently, so that a validator of JSON Schema sees what a
reader of the description sees:

- `oneOf` becomes `anyOf`: descriptions tell alternatives apart by a `discriminator`, which JSON Schema does not know, and many alternatives
  overlap.
- `allOf` becomes one object with the properties of all.
- In requests an object that names its properties has no others. That is stricter than the descriptions are, and what servers that refuse
  unknown fields do.

Of long lists of alternatives only those are kept that a bundled provider sends (ONLY): the other tools and items of OpenAI are most of its
description.
"""

import json
import sys
from pathlib import Path

import yaml

KEPT = [
    "type", "enum", "const", "required", "minimum", "maximum", "exclusiveMinimum", "minLength", "maxLength", "minItems", "maxItems",
    "pattern",
]

# What each file is made from, and under which licence it comes.
SOURCES = {
    "openai": ("openai.yaml", "openai/openai-openapi @f85dbe2, 2026-08-21", "MIT"),
    "anthropic": ("anthropic-tryagi.yaml", "the published Anthropic description, as carried by tryAGI/Anthropic @8b42a21e, 2026-08-18", "MIT"),
    "mistral": ("mistral.yaml", "mistralai/platform-docs-public @222f4ba9, 2026-08-21", "Apache-2.0"),
    "groq": ("groq-tryagi.yaml", "carried by tryAGI/Groq @776d399, 2026-08-14", "MIT"),
    "ollama": ("ollama.yaml", "ollama/ollama @fb307609, 2026-08-21", "MIT"),
    "deepgram": ("deepgram.yml", "deepgram/deepgram-api-specs @4ba987c, 2026-07-22", "CC-BY-4.0"),
    "tavily": ("tavily-tryagi.json", "carried by tryAGI/Tavily @59a6d65, 2026-08-18", "MIT"),
}

# The paths whose requests, and whose answers, are described.
REQUESTS = {
    "openai": ["/chat/completions", "/responses", "/images/generations", "/images/edits", "/audio/transcriptions", "/audio/speech", "/embeddings"],
    "anthropic": ["/v1/messages"],
    "mistral": ["/v1/chat/completions", "/v1/embeddings", "/v1/audio/transcriptions"],
    "groq": ["/openai/v1/chat/completions", "/openai/v1/audio/transcriptions"],
    "ollama": ["/api/chat", "/api/embed"],
    "deepgram": ["/v1/listen"],
    "tavily": ["/search"],
}
ANSWERS = {
    "openai": {"/chat/completions": "CreateChatCompletionResponse", "/responses": "Response", "/embeddings": "CreateEmbeddingResponse",
               "/chat/completions stream": "CreateChatCompletionStreamResponse", "/responses stream": "ResponseStreamEvent"},
    "anthropic": {"/v1/messages": "Message"},
    "ollama": {"/api/chat": "ChatResponse", "/api/embed": "EmbedResponse"},
}

# Objects that have more fields than their description names. Ollama's server reads the thinking of an earlier turn, and the names and ids
# of calls (`Message` and `ToolCall` of its api/types.go).
OPEN = {"ollama": ["ChatMessage", "ToolCall"]}

# Of these alternatives, only those.
ONLY = {
    "openai": {
        "Item": ["InputMessage", "OutputMessage", "FunctionToolCall", "FunctionCallOutputItemParam", "ReasoningItem"],
        "InputItem": ["EasyInputMessage", "Item"],
        "OutputItem": ["OutputMessage", "FunctionToolCall", "ReasoningItem", "WebSearchToolCall"],
        "Tool": ["FunctionTool", "WebSearchTool"],
        "ToolChoiceParam": ["ToolChoiceOptions", "ToolChoiceFunction"],
        "ResponseStreamEvent": [
            "ResponseCreatedEvent", "ResponseInProgressEvent", "ResponseCompletedEvent", "ResponseFailedEvent", "ResponseIncompleteEvent",
            "ResponseErrorEvent", "ResponseOutputItemAddedEvent", "ResponseOutputItemDoneEvent", "ResponseContentPartAddedEvent",
            "ResponseContentPartDoneEvent", "ResponseTextDeltaEvent", "ResponseTextDoneEvent", "ResponseRefusalDeltaEvent",
            "ResponseRefusalDoneEvent", "ResponseFunctionCallArgumentsDeltaEvent", "ResponseFunctionCallArgumentsDoneEvent",
            "ResponseReasoningSummaryPartAddedEvent", "ResponseReasoningSummaryPartDoneEvent", "ResponseReasoningSummaryTextDeltaEvent",
            "ResponseReasoningSummaryTextDoneEvent", "ResponseOutputTextAnnotationAddedEvent", "ResponseWebSearchCallSearchingEvent",
        ],
    },
    "anthropic": {
        "InputContentBlock": [
            "RequestTextBlock", "RequestImageBlock", "RequestDocumentBlock", "RequestThinkingBlock", "RequestRedactedThinkingBlock",
            "RequestToolUseBlock", "RequestToolResultBlock",
        ],
        "ContentBlock": ["ResponseTextBlock", "ResponseThinkingBlock", "ResponseRedactedThinkingBlock", "ResponseToolUseBlock"],
        "CreateMessageParams.tools": ["Tool"],
    },
}


class Description:
    """One description, and what was taken out of it."""

    def __init__(self, provider, whole):
        self.only = ONLY.get(provider, {})
        self.open = OPEN.get(provider, [])
        self.whole = whole
        self.definitions = {}

    def find(self, reference):
        at = self.whole
        for step in reference.removeprefix("#/").split("/"):
            at = at[step]
        return at

    def refer(self, reference, closed):
        name = reference.split("/")[-1]
        own = f"{name}{'' if closed else '.answer'}"
        if own not in self.definitions:
            self.definitions[own] = True
            self.definitions[own] = self.schema(self.find(reference), closed, name)
        return {"$ref": f"#/definitions/{own}"}

    def flat(self, schema):
        """The properties of an object and of all that it is made of; none where it is more than that."""
        if "$ref" in schema and set(schema) <= {"$ref", "description", "type"}:
            return self.flat(self.find(schema["$ref"]))
        if "oneOf" in schema or "anyOf" in schema:
            return None
        properties, required = dict(schema.get("properties", {})), list(schema.get("required", []))
        for part in schema.get("allOf", []):
            flat = self.flat(part)
            if flat is None:
                return None
            for name, property in flat[0].items():
                properties[name] = property
            required += flat[1]
        return properties, required

    def schema(self, schema, closed, name=""):
        if schema is True or not schema:
            return True
        if "$ref" in schema:
            return self.nullable(schema, self.refer(schema["$ref"], closed))
        if "allOf" in schema:
            flat = self.flat(schema)
            if flat is None:
                parts = [self.schema(part, False, name) for part in schema["allOf"]]
                return self.nullable(schema, parts[0] if len(parts) == 1 else {"allOf": parts})
            schema = {"type": "object", "properties": flat[0], "required": sorted(set(flat[1])), "nullable": schema.get("nullable", False)}
        for word in ("oneOf", "anyOf"):
            if word in schema:
                kept = self.only.get(name)
                ways = [way for way in schema[word] if not kept or way.get("$ref", "").split("/")[-1] in kept or "$ref" not in way]
                ways = [way if "$ref" in way else {**way, "type": way.get("type", schema.get("type"))} for way in ways]
                return self.nullable(schema, {"anyOf": [self.schema({k: v for k, v in way.items() if v is not None}, closed, name) for way in ways]})
        kept = {key: schema[key] for key in KEPT if key in schema}
        if not kept.get("required"):
            kept.pop("required", None)
        for bound in ("minimum", "maximum"):
            if isinstance(schema.get(f"exclusive{bound.capitalize()}"), bool):
                kept.pop(f"exclusive{bound.capitalize()}", None)
        if "properties" in schema:
            kept["properties"] = {key: self.schema(value, closed, f"{name}.{key}") for key, value in schema["properties"].items()}
        if "items" in schema:
            kept["items"] = self.schema(schema["items"], closed, name)
        more = schema.get("additionalProperties")
        if isinstance(more, dict) and more:
            kept["additionalProperties"] = self.schema(more, closed, name)
        elif closed and "properties" in schema and more is None and name not in self.open:
            kept["additionalProperties"] = False
        return self.nullable(schema, kept)

    @staticmethod
    def nullable(schema, kept):
        return {"anyOf": [kept, {"type": "null"}]} if schema.get("nullable") else kept


def query(description, parameters):
    """The parameters of a query as the properties of an object."""
    properties, required = {}, []
    for parameter in parameters:
        if "$ref" in parameter:
            parameter = description.find(parameter["$ref"])
        if parameter["in"] == "query":
            properties[parameter["name"]] = description.schema(parameter["schema"], True)
            if parameter.get("required"):
                required.append(parameter["name"])
    kept = {"type": "object", "properties": properties, "additionalProperties": False}
    return {**kept, "required": required} if required else kept


def main(folder):
    for provider, (file, origin, licence) in SOURCES.items():
        text = (folder / file).read_text()
        whole = json.loads(text) if file.endswith(".json") else yaml.load(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
        description = Description(provider, whole)
        requests = {}
        for path in REQUESTS[provider]:
            operation = whole["paths"][path]["post"]
            content = operation.get("requestBody", {}).get("content", {})
            if provider == "deepgram":
                requests[path] = query(description, operation["parameters"])
                continue
            kind = "multipart/form-data" if "multipart/form-data" in content else "application/json"
            requests[path] = description.schema(content[kind]["schema"], True)
        answers = {
            path: description.refer(f"#/components/schemas/{name}", False) for path, name in ANSWERS.get(provider, {}).items()
        }
        made = {
            "source": {"file": file, "from": origin, "licence": licence, "made by": "make.py"},
            "requests": requests,
            "answers": answers,
            "definitions": description.definitions,
        }
        (Path(__file__).parent / f"{provider}.json").write_text(json.dumps(made, separators=(",", ":"), sort_keys=True) + "\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
