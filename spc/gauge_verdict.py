"""The verdict on a measurement system, by thresholds that are named with their source."""

from __future__ import annotations

from typing import Final, Literal

Verdict = Literal["acceptable", "conditional", "unacceptable"]

GRR_GOOD: Final = 10.0  # % of the study spread
GRR_MOST: Final = 30.0
NDC_LEAST: Final = 5
KAPPA_GOOD: Final = 0.9
KAPPA_LEAST: Final = 0.7
RR_SOURCE: Final = (
    "AIAG, Measurement Systems Analysis, 4th ed., chapter II, section D: below 10 % acceptable, 10 to 30 % by the"
    " importance of the application, above 30 % not acceptable; at least 5 distinct categories."
)
KAPPA_SOURCE: Final = (
    "Common practice: the least kappa of an appraiser at least 0.9 is good, at least 0.7 usable with care; AIAG,"
    " Measurement Systems Analysis, 4th ed., chapter III, section C calls kappa above 0.75 good agreement."
)
LOCATION_SOURCE: Final = (
    "AIAG, Measurement Systems Analysis, 4th ed., chapter III, section B: acceptable when zero lies inside the"
    " confidence interval of the bias."
)
STABILITY_SOURCE: Final = (
    "AIAG, Measurement Systems Analysis, 4th ed., chapter III, section B: acceptable when the control chart of the"
    " master shows no special cause."
)


def of_share(share: float | None) -> Verdict:
    """The verdict on gauge R&R by its share of the spread alone.

    In: gauge R&R in % of the study spread; None where the readings do not vary. Out: acceptable, conditional or
    unacceptable. Source: RR_SOURCE.
    """
    if share is None or share > GRR_MOST:
        return "unacceptable"
    return "acceptable" if share < GRR_GOOD else "conditional"


def of_gauge(share: float | None, ndc: int | None) -> Verdict:
    """The verdict on gauge R&R.

    In: gauge R&R in % of the study spread, number of distinct categories; None where the readings do not vary. Out:
    acceptable, conditional or unacceptable. Source: RR_SOURCE.
    """
    return "unacceptable" if ndc is None or ndc < NDC_LEAST else of_share(share)


def of_agreement(kappa: float | None) -> Verdict:
    """The verdict on ratings.

    In: the least kappa of an appraiser; None where there is none. Out: acceptable, conditional or unacceptable.
    Source: KAPPA_SOURCE.
    """
    if kappa is None or kappa < KAPPA_LEAST:
        return "unacceptable"
    return "acceptable" if kappa >= KAPPA_GOOD else "conditional"


def of_test(fine: bool | None) -> Verdict:
    """The verdict on bias, linearity and stability.

    In: whether the test passed; None where it could not be judged. Out: acceptable or unacceptable. Source:
    LOCATION_SOURCE and STABILITY_SOURCE.
    """
    return "acceptable" if fine else "unacceptable"
