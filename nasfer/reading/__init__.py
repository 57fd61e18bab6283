"""The one door through which files come in: their kind, size, encoding and form are checked."""

from nasfer.reading.files import check_file, open_text, read_bytes, read_text
from nasfer.reading.json_text import load_json, parse_json
from nasfer.reading.yaml_text import load_yaml, load_yaml_texts

__all__ = [
    "check_file", "load_json", "load_yaml", "load_yaml_texts", "open_text", "parse_json",
    "read_bytes", "read_text",
]  # fmt: skip
