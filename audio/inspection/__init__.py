"""Listening to a recording while it is decoded: one pass, bounded memory, the standard library only.

`Inspector` is fed blocks and keeps sums, never the sound; `findings` are its numbers; `judge` turns them into verdicts.
"""
