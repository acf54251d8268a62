"""What the vendor's SDK (pycarlo 0.15.500) makes of pushes: one case a line on stdin, one result a line on stdout.

A case is {"family", "input"} as in test/fixtures/golden: the resource, and events as the SDK's keyword arguments.
A result is {"request": {"path", "headers": [names], "body": text}} or {"error": {"type", "message"}}. Nothing is sent.
"""
import json
import os
import sys
import time
from datetime import datetime
from urllib.parse import urlsplit

import requests
from pycarlo.core import Client, Session
from pycarlo.features.ingestion import IngestionService
from pycarlo.features.ingestion import models as m
from pycarlo.features.ingestion.bi import models as b
from pycarlo.features.ingestion.etl import models as e

sent = []


def record(self, request, **_):
    body = request.body if isinstance(request.body, str) else request.body.decode("ascii")
    names = sorted({name.lower() for name in request.headers} | {"host"})
    sent.append({"path": urlsplit(request.url).path, "headers": names, "body": body})
    answer = requests.Response()
    answer.status_code = 202
    answer._content = b'{"invocation_id": "00000000-0000-4000-8000-000000000000"}'
    answer.request = request
    answer.url = request.url
    return answer


requests.adapters.HTTPAdapter.send = record


def one(cls, values, **nested):
    """An object of cls; nested members are made by their own makers, None stays None."""
    if values is None:
        return None
    made = dict(values)
    for name, make in nested.items():
        if made.get(name) is not None:
            value = made[name]
            made[name] = [make(item) for item in value] if isinstance(value, list) else make(value)
    return cls(**made)


def tag(v):
    return one(m.Tag, v)


def asset_ref(v):
    return one(m.AssetRef, v)


def schedule(v):
    return one(e.Schedule, v)


def group(v):
    return one(e.EtlGroup, v, schedule=schedule)


def asset(v):
    return one(
        m.RelationalAsset,
        v,
        metadata=lambda x: one(m.AssetMetadata, x),
        tags=tag,
        fields=lambda x: one(m.AssetField, x),
        volume=lambda x: one(m.AssetVolume, x),
        freshness=lambda x: one(m.AssetFreshness, x),
    )


def lineage(v):
    ref = lambda x: one(m.LineageAssetRef, x)
    source_field = lambda x: one(m.ColumnLineageSourceField, x)
    field = lambda x: one(m.ColumnLineageField, x, source_fields=source_field)
    return one(m.LineageEvent, v, destination=ref, sources=ref, fields=field)


def when(text):
    return datetime.fromisoformat(text.replace("Z", "+00:00"))


def log(v):
    return m.QueryLogEntry(**{**v, "start_time": when(v["start_time"]), "end_time": when(v["end_time"])})


def task(v):
    return one(e.EtlTask, v, inputs=asset_ref, outputs=asset_ref)


def job(v):
    owner = lambda x: one(e.Owner, x)
    return one(
        e.EtlAsset, v, group=group, schedule=schedule, owner=owner, properties=tag, inputs=asset_ref,
        outputs=asset_ref, tasks=task,
    )


def run(v):
    error = lambda x: one(e.EtlError, x)
    return one(
        e.EtlRunEvent, v, group=group, error=error, task_runs=run, inputs=asset_ref, outputs=asset_ref, properties=tag
    )


def bi(v):
    ref = lambda x: one(b.BiAssetRef, x)
    owner = lambda x: one(b.BiOwner, x)
    return one(
        b.BiAsset, v, owner=owner, upstream_assets=ref, downstream_assets=ref, inputs=asset_ref, properties=tag
    )


FAMILIES = {
    "metadata": ("send_metadata", asset),
    "lineage": ("send_lineage", lineage),
    "querylogs": ("send_query_logs", log),
    "etl-metadata": ("send_etl_metadata", job),
    "etl-runs": ("send_etl_runs", run),
    "bi-metadata": ("send_bi_metadata", bi),
}


def push(service, family, given):
    name, make = FAMILIES[family]
    rest = dict(given)
    os.environ["TZ"] = rest.pop("process_tz", "UTC")
    time.tzset()
    events = [make(event) for event in rest.pop("events")] * rest.pop("events_repeated", 1)
    getattr(service, name)(events=events, **rest)


service = IngestionService(
    Client(Session(mcd_id="peer-key-id", mcd_token="peer-key-token", scope="Ingestion", endpoint="http://127.0.0.1:9"))
)
for line in sys.stdin:
    case = json.loads(line)
    sent.clear()
    try:
        push(service, case["family"], case["input"])
        result = {"request": sent[0]}
    except Exception as error:
        result = {"error": {"type": type(error).__name__, "message": str(error)[:300]}}
    print(json.dumps(result), flush=True)
