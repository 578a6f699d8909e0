"""What an ear would tell of a voice."""

import numpy as np


def hertz(pcm: bytes, rate: int) -> float:
    """The median fundamental frequency of the voiced parts, by autocorrelation."""
    samples = np.frombuffer(pcm, dtype="<i2").astype(float)
    found = []
    for start in range(0, len(samples) - rate // 20, rate // 40):
        window = samples[start : start + rate // 20]
        window = window - window.mean()
        if np.abs(window).max() < 1_500:
            continue
        alike = np.correlate(window, window, "full")[len(window) - 1 :]
        low, high = rate // 300, rate // 60
        lag = low + int(np.argmax(alike[low:high]))
        if alike[lag] > 0.4 * alike[0]:
            found.append(rate / lag)
    return float(np.median(found))
