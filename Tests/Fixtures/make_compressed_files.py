"""Makes Tests/Fixtures/compressed: 300 lines as other programs compress them. Run once; the files are kept."""

import bz2
import lzma
from pathlib import Path

LINES = b"".join(b'{"line":%d}\n' % i for i in range(300))
HALF = LINES.index(b'{"line":150}')
FOLDER = Path(__file__).parent / "compressed"

FOLDER.mkdir(exist_ok=True)
(FOLDER / "lines.bz2").write_bytes(bz2.compress(LINES))
# Streams one after another, as pbzip2 and `cat a.xz b.xz` make them; xz allows padding between them.
(FOLDER / "streams.bz2").write_bytes(bz2.compress(LINES[:HALF]) + bz2.compress(b"") + bz2.compress(LINES[HALF:]))
(FOLDER / "lines.xz").write_bytes(lzma.compress(LINES))
(FOLDER / "streams.xz").write_bytes(lzma.compress(LINES[:HALF]) + bytes(8) + lzma.compress(LINES[HALF:]) + bytes(4))
