"""Text to speech: normalising written Vietnamese, dividing it into utterances, and the engines behind one port."""
