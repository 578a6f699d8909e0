"""HOW IT SOUNDS: speech, decoding, composing, loudness, encoding and measuring."""
