"""Writes MaxMind DB files, small ones: networks and their records. The format is public:
https://maxmind.github.io/MaxMind-DB/

As a program it writes the files that the C tests read: mmdb.py small FOLDER; or one to measure with:
mmdb.py large FILE.
"""
import ipaddress
import pathlib
import random
import struct
import sys
import time

EMPTY = None
# Sizes below the first number are in the control byte with nothing behind it, or have so many bytes behind
# it, which count from the second.
SIZES = ((29, 0, 0), (285, 29, 1), (65821, 285, 2))


def encode_head(kind, size):
    """A control byte, the type behind it when it is an extended one, and what the size needs."""
    below, more = next((below, more) for limit, below, more in SIZES if size < limit)
    control = (kind << 5 if kind < 8 else 0) | (28 + more if more else size)
    rest = (size - below).to_bytes(more, "big") if more else b""
    return bytes([control] + ([kind - 7] if kind >= 8 else [])) + rest


def encode(value):
    if isinstance(value, dict):
        return encode_head(7, len(value)) + b"".join(encode(key) + encode(value[key]) for key in value)
    if isinstance(value, list):
        return encode_head(11, len(value)) + b"".join(map(encode, value))
    if isinstance(value, str):
        text = value.encode()
        return encode_head(2, len(text)) + text
    if isinstance(value, float):
        return encode_head(3, 8) + struct.pack(">d", value)
    number = value.to_bytes((value.bit_length() + 7) // 8, "big")
    return encode_head(6 if value < 1 << 32 else 9, len(number)) + number


def encode_uint16(value):
    return encode_head(5, 2) + value.to_bytes(2, "big")


class Tree:
    """Networks as a binary tree of their bits; IPv4 is in ::/96."""

    def __init__(self, ip_version):
        self.ip_version = ip_version
        self.nodes = [[EMPTY, EMPTY]]

    def add(self, network, record):
        """`record`: its number, negative minus one, so that it is no node. Wide networks first."""
        network = ipaddress.ip_network(network)
        address, bits = int(network.network_address), network.prefixlen
        width = 32 if self.ip_version == 4 else 128
        bits += width - network.max_prefixlen
        node = 0
        for i in range(bits):
            bit = address >> width - 1 - i & 1
            child = self.nodes[node][bit]
            if i == bits - 1:
                self.nodes[node][bit] = -1 - record
            elif child is EMPTY or child < 0:
                self.nodes.append([child, child])
                self.nodes[node][bit] = len(self.nodes) - 1
                node = len(self.nodes) - 1
            else:
                node = child

    def encode(self, offsets):
        """28 bits for a record: the low 24 of both, between them the high four of each."""
        out = bytearray()
        for node in self.nodes:
            left, right = (self.value(child, offsets) for child in node)
            out += (left & 0xffffff).to_bytes(3, "big")
            out.append(left >> 24 << 4 | right >> 24)
            out += (right & 0xffffff).to_bytes(3, "big")
        return bytes(out)

    def value(self, child, offsets):
        if child is EMPTY:
            return len(self.nodes)
        return child if child >= 0 else len(self.nodes) + 16 + offsets[-1 - child]


def metadata(tree, kind, made):
    values = {
        "binary_format_major_version": encode_uint16(2),
        "binary_format_minor_version": encode_uint16(0),
        "build_epoch": encode_head(9, 8) + made.to_bytes(8, "big"),
        "database_type": encode(kind),
        "description": encode({"en": "made by a test"}),
        "ip_version": encode_uint16(tree.ip_version),
        "languages": encode(["en"]),
        "node_count": encode(len(tree.nodes)),
        "record_size": encode_uint16(28),
    }
    return encode_head(7, len(values)) + b"".join(encode(key) + values[key] for key in values)


def write(path, networks, kind="GeoLite2-Country", ip_version=6, made=1750000000):
    """`networks`: {"192.0.2.0/24": record}, wide ones before those that lie in them."""
    tree, data, offsets, numbers = Tree(ip_version), bytearray(), [], {}
    for network, record in networks.items():
        if id(record) not in numbers:
            numbers[id(record)] = len(offsets)
            offsets.append(len(data))
            data += encode(record)
        tree.add(network, numbers[id(record)])
    content = tree.encode(offsets) + bytes(16) + bytes(data)
    pathlib.Path(path).write_bytes(content + b"\xab\xcd\xefMaxMind.com" + metadata(tree, kind, made))


def country(code):
    """A record as MaxMind's."""
    return {
        "continent": {"code": "EU", "names": {"de": "Europa", "en": "Europe"}},
        "country": {"geoname_id": 2921044, "iso_code": code, "names": {"en": "Name of " + code}},
        "registered_country": {"iso_code": "AU"},
    }


MAXMIND = {
    "8.8.8.0/24": country("US"),
    "193.0.0.0/21": country("NL"),
    "10.0.0.0/8": country("DE"),
    "2a00:1450::/32": country("IE"),
    "2a02::/16": country("DE"),
    "5.1.0.0/16": {"registered_country": {"iso_code": "AU"}},
    "5.2.0.0/16": country("EU"),
    "5.3.0.0/16": {"country": {"iso_code": 49}},
    "5.4.0.0/16": country("de"),
    "5.5.0.0/16": country("GBR"),
    "5.6.0.0/16": ["DE"],
}
IPINFO = {"8.8.8.0/24": {"country": "United States", "country_code": "US"}}
IPINFO_OLD = {"8.8.8.0/24": {"country": "US", "country_name": "United States"}}
OWNERS = {"8.8.8.0/24": {"autonomous_system_number": 15169}}


def write_small(folder):
    folder.mkdir(parents=True, exist_ok=True)
    write(folder / "maxmind.mmdb", MAXMIND)
    write(folder / "ipinfo.mmdb", IPINFO, kind="ipinfo lite.mmdb")
    write(folder / "ipinfo-old.mmdb", IPINFO_OLD, kind="ipinfo country.mmdb")
    write(folder / "owners.mmdb", OWNERS, kind="GeoLite2-ASN")
    write(folder / "ipv4.mmdb", {"8.8.8.0/24": country("US")}, ip_version=4)


def city(number):
    """A record as long as those of MaxMind's cities."""
    names = {language: f"Name {number}" for language in ("de", "en", "es", "fr", "ja", "pt-BR", "ru", "zh-CN")}
    code = ("DE", "FR", "US", "NL", "BR", "JP", "IN", "GB")[number % 8]
    return {
        "city": {"geoname_id": 2800000 + number, "names": names},
        "continent": {"code": "EU", "geoname_id": 6255148, "names": names},
        "country": {"geoname_id": 2921044, "iso_code": code, "names": names},
        "location": {"latitude": 52.5, "longitude": 13.4, "time_zone": "Europe/Berlin"},
    }


def write_large(path):
    """As large and as deep as those of MaxMind: all of IPv4 in /18 and of 2000::/3 in /20, 5,000 records."""
    draw = random.Random(1)
    records = [city(number) for number in range(5000)]
    networks = {f"{ipaddress.IPv4Address(i << 14)}/18": draw.choice(records) for i in range(1 << 18)}
    networks |= {f"{ipaddress.IPv6Address(1 << 125 | i << 108)}/20": draw.choice(records)
                 for i in range(1 << 17)}
    write(path, networks, kind="Test-City", made=int(time.time()))


if __name__ == "__main__":
    {"small": write_small, "large": write_large}[sys.argv[1]](pathlib.Path(sys.argv[2]))
