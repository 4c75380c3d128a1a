"""Any text that can be written down in UTF-8, for properties."""

from hypothesis import strategies as st

# All but the halves of pairs. Asked for by encoding, every process tries each of a million characters first.
LETTERS = st.characters(max_codepoint=0xD7FF) | st.characters(min_codepoint=0xE000)
