"""How much sound the air swallows on its way: ISO 9613-1:1993, equations (3) to (5)."""

import math

_REFERENCE_K, _TRIPLE_POINT_K = 293.15, 273.16
_REFERENCE_KPA = 101.325


def absorption_db(hertz: float, metres: float, celsius: float = 28.0, humidity: float = 75.0) -> float:
    """Decibels lost over `metres` at the pressure of the sea; `humidity` is relative, in per cent."""
    return metres * _per_metre(hertz, celsius + 273.15, _water(celsius + 273.15, humidity))


def _water(kelvin: float, humidity: float) -> float:
    """Molar concentration of water vapour in per cent (annex B)."""
    return humidity * math.pow(10, -6.8346 * math.pow(_TRIPLE_POINT_K / kelvin, 1.261) + 4.6151)


def _per_metre(hertz: float, kelvin: float, water: float) -> float:
    warm = kelvin / _REFERENCE_K
    oxygen = 24 + 4.04e4 * water * (0.02 + water) / (0.391 + water)
    nitrogen = (9 + 280 * water * math.exp(-4.170 * (math.pow(warm, -1 / 3) - 1))) / math.sqrt(warm)
    relaxing = 0.01275 * math.exp(-2239.1 / kelvin) / (oxygen + hertz**2 / oxygen)
    relaxing += 0.1068 * math.exp(-3352.0 / kelvin) / (nitrogen + hertz**2 / nitrogen)
    return 8.686 * hertz**2 * (1.84e-11 * math.sqrt(warm) + math.pow(warm, -2.5) * relaxing)
