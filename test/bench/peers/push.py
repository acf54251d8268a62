"""Pushes one manifest as the vendor's templates do, with the vendor's SDK: everything read and made first, then one batch after the other.

push.py FLOW EVENTS.json ENDPOINT BATCH; FLOW "import" only loads the SDK. The last line on stdout says what it took.
"""
import json
import resource
import sys
import time
from datetime import datetime

flow, manifest, endpoint, size = sys.argv[1], sys.argv[2], sys.argv[3], int(sys.argv[4])
began = time.perf_counter()

from pycarlo.core import Client, Session  # noqa: E402
from pycarlo.features.ingestion import IngestionService  # noqa: E402
from pycarlo.features.ingestion.models import (  # noqa: E402
    AssetField,
    AssetFreshness,
    AssetMetadata,
    AssetVolume,
    LineageAssetRef,
    LineageEvent,
    QueryLogEntry,
    RelationalAsset,
)

RESOURCE = "11111111-1111-4111-8111-111111111111"


def moment(text):
    return datetime.fromisoformat(text.replace("Z", "+00:00"))


def asset(event):
    row = event["relational_asset"]
    return RelationalAsset(
        type=row["type"],
        metadata=AssetMetadata(**row["metadata"]),
        fields=[AssetField(**column) for column in row["fields"]],
        volume=AssetVolume(**row["volume"]),
        freshness=AssetFreshness(**row["freshness"]),
    )


def edge(event):
    sources = [LineageAssetRef(**source) for source in event["sources"]]
    return LineageEvent(destination=LineageAssetRef(**event["destination"]), sources=sources)


def entry(event):
    times = {"start_time": moment(event["start_time"]), "end_time": moment(event["end_time"])}
    return QueryLogEntry(**{**event, **times})


def peak_mb():
    """Of this program alone; ru_maxrss would start at what its parent held."""
    try:
        with open("/proc/self/status") as status:
            return next(int(line.split()[1]) / 1024 for line in status if line.startswith("VmHWM"))
    except OSError:
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


ids = []
if flow != "import":
    with open(manifest) as source:
        rows = json.load(source)
    events = [{"metadata": asset, "lineage": edge, "querylogs": entry}[flow](row) for row in rows]
    client = Client(session=Session(mcd_id="id", mcd_token="token", scope="Ingestion", endpoint=endpoint))
    service = IngestionService(mc_client=client)
    send = {"metadata": service.send_metadata, "lineage": service.send_lineage, "querylogs": service.send_query_logs}[flow]
    for first in range(0, len(events), size):
        answer = send(RESOURCE, "snowflake", events=events[first : first + size])
        ids.append(service.extract_invocation_id(answer))
    assert all(ids)
usage = resource.getrusage(resource.RUSAGE_SELF)
print(json.dumps({
    "requests": len(ids),
    "seconds": time.perf_counter() - began,
    "cpu_s": usage.ru_utime + usage.ru_stime,
    "peak_mb": peak_mb(),
}))
