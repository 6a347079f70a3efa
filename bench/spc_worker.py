"""What other libraries take for the same data: run by the Python of a throw-away virtualenv, never by the product's.

`python spc_worker.py QUESTION DATA.npy REPEATS` prints {"seconds": [...], "figures": {...}} after each run. Only the
analysis is timed: imports, reading the data and bringing it into the library's own container are not.
"""

from __future__ import annotations

import json
import sys
import time
import warnings
from collections.abc import Callable
from typing import Any

import numpy as np

Work = tuple[Callable[[], Any], Callable[[Any], dict[str, Any]]]  # what is timed, and what is read from its answer


def mfgqc_xbar_r(data: Any) -> Work:
    """X-bar/R with Nelson's rules; keeps one rule of a point."""
    import mfgqc
    import pandas as pd

    frame = pd.DataFrame({"x": data.ravel(), "g": np.repeat(np.arange(len(data)), data.shape[1])})
    loaded = mfgqc.load(frame, measure="x").roles(subgroup="g")
    return lambda: loaded.control_chart("xbar_r", rules="nelson"), _mfgqc_chart


def _mfgqc_chart(chart: Any) -> dict[str, Any]:
    marked = sorted({one.point for one in chart.violations if one.chart == "location"})
    return {"center": float(chart.location_cl), "ucl": float(chart.location_ucl[0]), "points": marked}


def pyspc_xbar_r(data: Any) -> Work:
    """X-bar limits, then its two rules; the axes it colours points on while testing are left empty."""
    from pyspc.ccharts.xbar_rbar import xbar_rbar
    from pyspc.rules import rules

    class Blank:
        def plot(self, *_: Any, **__: Any) -> None:
            """Draw nothing."""

    def work() -> Any:
        values, center, lcl, ucl, _ = xbar_rbar().plot(data, data.shape[1])
        return center, ucl, rules().plot_violation_points(Blank(), values, center, lcl, ucl)

    return work, lambda found: {"center": float(found[0]), "ucl": float(found[1])}


def pyshewhart_xbar_r(data: Any) -> Work:
    """X-bar/R with the Western Electric rules; it cannot judge without drawing."""
    import contextlib
    import io

    import matplotlib as mpl

    mpl.use("Agg")
    from matplotlib import pyplot as plt
    from pyshewhart.control_charts import XbarRControlChart

    values = data.ravel().tolist()

    def work() -> Any:
        with contextlib.redirect_stdout(io.StringIO()):
            chart = XbarRControlChart(values, sample_size=data.shape[1])
        plt.close("all")
        return chart

    return work, lambda _: {}


def mfgqc_gauge(data: Any) -> Work:
    """Crossed gauge R&R by analysis of variance; data (appraisers, trials, parts)."""
    import mfgqc
    import pandas as pd

    appraisers, trials, parts = (index.ravel() for index in np.indices(data.shape))
    frame = pd.DataFrame({"x": data.ravel(), "o": appraisers, "r": trials, "p": parts})
    loaded = mfgqc.load(frame, measure="x").roles(part="p", operator="o", replicate="r")
    return lambda: loaded.gage_rr("anova"), lambda found: {"ev": found.ev, "grr": found.grr, "pv": found.pv}


def mfgqc_ewma(data: Any) -> Work:
    """EWMA with exact limits, weight 0.2, width 3, centre 0 and sigma 1 given."""
    loaded = _column(data)
    return (
        lambda: loaded.ewma_chart(lam=0.2, L=3.0, mu0=0.0, sigma=1.0),
        lambda found: {"points": [one.point for one in found.violations]},
    )


def mfgqc_cusum(data: Any) -> Work:
    """Two-sided CUSUM, k 0.5, h 5, centre 0 and sigma 1 given."""
    loaded = _column(data)
    return (
        lambda: loaded.cusum_chart(k=0.5, h=5.0, mu0=0.0, sigma=1.0),
        lambda found: {"points": [one.point for one in found.violations]},
    )


def _column(data: Any) -> Any:
    import mfgqc
    import pandas as pd

    return mfgqc.load(pd.DataFrame({"x": data}), measure="x")


def ruptures_mean(data: Any) -> Work:
    """Change points of the mean by KernelCPD (linear kernel, compiled), penalty 3 ln n."""
    import ruptures

    penalty = 3.0 * float(np.log(len(data)))
    return (
        lambda: ruptures.KernelCPD(kernel="linear", min_size=2).fit_predict(data.reshape(-1, 1), pen=penalty),
        lambda found: {"changes": [int(one) for one in found[:-1]]},
    )


def pymannkendall_trend(data: Any) -> Work:
    """Mann-Kendall's test with Sen's slope."""
    import pymannkendall

    return lambda: pymannkendall.original_test(data), lambda found: {"s": int(found.s), "p": float(found.p)}


def mfgqc_capability(data: Any) -> Work:
    """Pp, Ppk and Cpm of single values between 7 and 13 with target 10."""
    loaded = _column(data).spec(lower=7.0, upper=13.0, target=10.0)
    return loaded.capability, lambda found: {"pp": found.pp, "ppk": found.ppk, "cpm": found.cpm}


def statsmodels_fleiss(data: Any) -> Work:
    """Fleiss' kappa of counts, one row for each subject."""
    from statsmodels.stats.inter_rater import fleiss_kappa

    return lambda: fleiss_kappa(data, method="fleiss"), lambda found: {"kappa": float(found)}


def statsmodels_ljung_box(data: Any) -> Work:
    """Ljung and Box's test over ten lags."""
    from statsmodels.stats.diagnostic import acorr_ljungbox

    return lambda: acorr_ljungbox(data, lags=[10]), lambda found: {
        "q": float(found["lb_stat"].iloc[0]),
        "p": float(found["lb_pvalue"].iloc[0]),
    }


def statsmodels_regression(data: Any) -> Work:
    """Least squares of the first column on the others, with Cook's distances."""
    import statsmodels.api as sm

    return lambda: sm.OLS(data[:, 0], sm.add_constant(data[:, 1:])).fit(), lambda found: {
        "estimates": found.params.tolist(),
        "errors": found.bse.tolist(),
        "cook": found.get_influence().cooks_distance[0].tolist(),
    }


QUESTIONS: dict[str, Callable[[Any], Work]] = {
    "mfgqc.xbar-r": mfgqc_xbar_r,
    "pyspc.xbar-r": pyspc_xbar_r,
    "pyshewhart.xbar-r": pyshewhart_xbar_r,
    "mfgqc.gauge": mfgqc_gauge,
    "mfgqc.ewma": mfgqc_ewma,
    "mfgqc.cusum": mfgqc_cusum,
    "ruptures.mean": ruptures_mean,
    "pymannkendall.trend": pymannkendall_trend,
    "mfgqc.capability": mfgqc_capability,
    "statsmodels.fleiss": statsmodels_fleiss,
    "statsmodels.ljung-box": statsmodels_ljung_box,
    "statsmodels.regression": statsmodels_regression,
}


def main() -> None:
    """Answer one question."""
    warnings.simplefilter("ignore")
    question, path, repeats = sys.argv[1:4]
    work, told = QUESTIONS[question](np.load(path))
    seconds, answer = [], None
    for _ in range(int(repeats)):
        began = time.perf_counter()
        answer = work()
        seconds.append(time.perf_counter() - began)
        print(json.dumps({"seconds": seconds, "figures": told(answer)}), flush=True)


if __name__ == "__main__":
    main()
