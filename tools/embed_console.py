"""Writes the built console as a C++ source: embed_console.py BUILT OUT

Every file below BUILT, compressed, as an entry of tidemark::console::kAssets (src/console/assets.h). If BUILT is not
there or has no index.html the list is empty.
"""
import gzip
import hashlib
import pathlib
import sys

TYPES = {
    ".html": "text/html; charset=utf-8", ".js": "text/javascript; charset=utf-8", ".css": "text/css; charset=utf-8",
    ".svg": "image/svg+xml", ".png": "image/png", ".woff": "font/woff", ".woff2": "font/woff2",
    ".json": "application/json", ".txt": "text/plain; charset=utf-8",
}
LINE_BYTES = 64


def literal(data):
    """Bytes as adjacent string literals: compiled many times faster than a list of numbers."""
    lines = []
    for start in range(0, len(data), LINE_BYTES):
        lines.append('"' + "".join(f"\\{byte:03o}" for byte in data[start:start + LINE_BYTES]) + '"')
    return "\n".join(lines) or '""'


def assets(built):
    if not (built / "index.html").is_file():
        return
    for path in sorted(built.rglob("*"), key=lambda path: path.relative_to(built).as_posix()):
        if path.is_file() and path.suffix in TYPES:
            yield path.relative_to(built).as_posix(), TYPES[path.suffix], path.read_bytes()


def main():
    built, out = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2])
    data, entries = [], []
    for number, (name, content_type, content) in enumerate(assets(built)):
        packed = gzip.compress(content, 9, mtime=0)
        etag = hashlib.sha256(content).hexdigest()[:32]
        immutable = "true" if name.startswith("assets/") else "false"
        data.append(f"constexpr char kBytes{number}[] =\n{literal(packed)};")
        entries.append(f'    {{"{name}", "{content_type}", "\\"{etag}\\"", {immutable},\n'
                       f"     {{kBytes{number}, {len(packed)}}}}},")
    array = "constexpr std::array<Asset, {}> kList = {{{{\n{}\n}}}};".format(len(entries), "\n".join(entries))
    body = data + [array] if entries else ["constexpr std::array<Asset, 0> kList = {};"]
    out.parent.mkdir(parents=True, exist_ok=True)
    out.write_text("// Written by tools/embed_console.py.\n#include <array>\n\n#include \"console/assets.h\"\n\n"
                   "namespace tidemark::console {\nnamespace {\n\n" + "\n".join(body) +
                   "\n\n}  // namespace\n\nconst std::span<const Asset> kAssets = kList;\n\n"
                   "}  // namespace tidemark::console\n")


if __name__ == "__main__":
    main()
