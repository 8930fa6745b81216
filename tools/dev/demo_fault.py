"""What a demo with a mistake shows first: the status, the error in place of the traces, and the explanation."""
import demo_world as world

PAGE = {"namespace": "bookinfo", "workload": "productpage-v1"}


def told(console):
    """Lines for the summary."""
    def known(answer):
        return any(c["name"] == "tracing" and "reason" in c for c in answer.json())

    components = console.wait("/api/istio/status", until=known).json()
    tracing = next(c for c in components if c["name"] == "tracing")
    error = console.ask("/api/namespaces/bookinfo/workloads/productpage-v1/traces").json()
    verdict = console.ask(world.query("/api/tracing/explain", **PAGE)).json()["verdict"]
    lines = [
        f"Status            tracing is {tracing['status']}",
        f"Traces            Could not fetch traces: {error['error']}",
        f"Why               {verdict['code']} ({verdict['certainty']}): {verdict['summary']}",
    ]
    if change := verdict.get("change"):
        lines.append(f"Change            {change['key']}: {change.get('from') or 'not set'} -> {change.get('to') or '?'}")
    return lines
