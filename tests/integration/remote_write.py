"""Native histograms for a real Prometheus, by remote write: Prometheus' own protobuf messages in snappy's framing."""
import struct

import demo_world as world


def varint(number):
    out = bytearray()
    while number > 0x7F:
        out.append(number & 0x7F | 0x80)
        number >>= 7
    out.append(number)
    return bytes(out)


def zigzag(number):
    return varint(number << 1 if number >= 0 else (-number << 1) - 1)


def field(number, wire, payload):
    return varint(number << 3 | wire) + payload


def message(number, payload):
    return field(number, 2, varint(len(payload)) + payload)


def histogram(time_ms, schema, offset, counts, total):
    """A native histogram of so many observations in neighbouring buckets, the first of which has that index; their sum is `total`."""
    deltas = [count - before for before, count in zip([0, *counts], counts)]
    span = field(1, 0, zigzag(offset)) + field(2, 0, varint(len(counts)))
    return b"".join([
        field(1, 0, varint(sum(counts))),
        field(3, 1, struct.pack("<d", total)),
        field(4, 0, zigzag(schema)),
        field(5, 1, struct.pack("<d", 1e-9)),
        field(6, 0, varint(0)),
        message(11, span),
        message(12, b"".join(zigzag(delta) for delta in deltas)),
        field(15, 0, varint(time_ms)),
    ])


def series(labels, histograms):
    """`labels` with __name__; `histograms` ascending by time."""
    names = b"".join(
        message(1, message(1, name.encode()) + message(2, value.encode())) for name, value in sorted(labels.items())
    )
    return message(1, names + b"".join(message(4, one) for one in histograms))


def snappy(data):
    """One block of literals."""
    out = varint(len(data))
    for begin in range(0, len(data), 60):
        piece = data[begin:begin + 60]
        out += bytes([(len(piece) - 1) << 2]) + piece
    return out


def write(prometheus, all_series):
    headers = {"Content-Type": "application/x-protobuf", "Content-Encoding": "snappy", "X-Prometheus-Remote-Write-Version": "0.1.0"}
    answer = world.ask(prometheus.port, "/api/v1/write", method="POST", headers=headers, body=snappy(b"".join(all_series)))
    if answer.status not in (200, 204):
        raise world.DemoError(f"remote write: {answer.status} {answer.body[:500]}")
