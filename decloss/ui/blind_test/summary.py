"""What the votes say, as HTML: one's own order beside LPIPS's, and the ranking of everybody or of a class."""

import math
from collections.abc import Mapping, Sequence
from html import escape

from decloss.ui.parts.names import plain_name
from decloss.ui.parts.tally import METRICS, AllScores, Tally, count_of, scores_of
from decloss.votes.agreement import Agreement, mean_of
from decloss.votes.ranking import LEAST_VISITORS, LEAST_VOTES, fit
from decloss.votes.visitors import attention, count_ballots
from decloss.votes.vote import Vote

OWN_AFTER = 10
"""The pairs after which a visitor sees their own ranking."""


def own_summary(votes: Sequence[Vote], known: AllScores, names: Sequence[str]) -> str:
    """Return the visitor's own ranking beside LPIPS's, or how many pairs are missing for it."""
    ballots = count_ballots(votes, names, everybody=True)
    pairs = ballots.count
    if pairs < OWN_AFTER:
        missing = OWN_AFTER - pairs
        what = "pair" if missing == 1 else "pairs"
        return f'<p class="blind-own">{missing} more {what}, and your own ranking stands here beside LPIPS\'s.</p>'
    strengths = fit(ballots.wins.sum(axis=0), ballots.ties.sum(axis=0)).strengths
    seen = [name for name, was_met in zip(names, ballots.met, strict=True) if was_met]
    mine = sorted(seen, key=lambda name: -strengths[list(names).index(name)])
    values = scores_of(known, "lpips")
    lpips = {name: mean for name in seen if (mean := mean_of(values, name)) is not None}
    metric = sorted(lpips, key=lambda name: lpips[name])
    passed, tests = attention(votes)
    words = [f"From {pairs} pairs of yours. With so few, neighbours may well change places."]
    if tests:
        words.append(f"Attention: {passed} of {tests} tests passed.")
    columns = [("By your eyes", mine)] + ([("By LPIPS", metric)] if metric else [])
    lists = "".join(f"<div><h3>{title}</h3><ol>{''.join(map(_item, order))}</ol></div>" for title, order in columns)
    return (
        f'<div class="blind-own"><h2>Your ranking</h2><div class="orders">{lists}</div><p>{" ".join(words)}</p></div>'
    )


def tally_summary(tally: Tally, classroom: str) -> str:
    """Return the ranking with its intervals and the metrics' agreement, or that there are too few votes to say."""
    ranking = tally.ranking
    whose = "This class" if classroom else "All visitors"
    count = tally.count
    if ranking.careless:
        count += f"; {count_of(ranking.careless, 'visitor')} who failed tests of attention left out"
    head = f"<h2>{whose}</h2><p>{count}.</p>"
    if not ranking.says_anything:
        least = (
            f"Below {LEAST_VOTES} votes of {LEAST_VISITORS} visitors this page cannot say anything about the networks."
        )
        return f'<div class="blind-tally">{head}<p><b>{least}</b></p>{_shares(tally) if classroom else ""}</div>'
    met = tally.ballots.met
    order = sorted(met.nonzero()[0], key=lambda each: -ranking.strengths[each])
    low, high = float(ranking.low[met].min()), float(ranking.high[met].max())
    rows = "".join(
        f'<tr><th scope="row">{_named(ranking.names[i])}</th><td>{ranking.strengths[i]:+.2f}</td>'
        f"<td>{ranking.low[i]:+.2f} to {ranking.high[i]:+.2f}</td>"
        f"<td>{_bar(ranking.low[i], ranking.strengths[i], ranking.high[i], low, high)}</td></tr>"
        for i in order
    )
    table = (
        '<div class="scores"><table><thead><tr><th scope="col">Network</th><th scope="col">Strength</th>'
        f'<th scope="col">95 % interval</th><th scope="col"></th></tr></thead><tbody>{rows}</tbody></table></div>'
    )
    note = (
        "Strengths of Bradley and Terry with Davidson's ties: a difference of 1 means that of those who see a "
        "difference, e = 2.7 times as many prefer the first. Intervals by resampling visitors. <i>Look for:</i> "
        "intervals that do not overlap; all others are undecided."
    )
    return f'<div class="blind-tally">{head}{table}<p class="caption">{note}</p>{_agreements(tally.agreements)}</div>'


def _agreements(found: Mapping[str, Agreement]) -> str:
    if not found:
        return ""
    rows = "".join(
        f'<tr><th scope="row">{metric}</th><td>{_percent(each.share)}</td>'
        f"<td>{_percent(each.share_low)} to {_percent(each.share_high)}</td><td>{_tau(each.tau)}</td>"
        f"<td>{_tau(each.tau_low)} to {_tau(each.tau_high)}</td></tr>"
        for metric, each in ((metric, found[metric]) for metric in METRICS if metric in found)
    )
    return (
        '<h3>Do the metrics see what eyes see?</h3><div class="scores"><table><thead><tr><th scope="col">Metric</th>'
        '<th scope="col">Same choice</th><th scope="col">95 % interval</th><th scope="col">Kendall\'s τ</th>'
        f'<th scope="col">95 % interval</th></tr></thead><tbody>{rows}</tbody></table></div>'
        '<p class="caption">Same choice: the share of votes that the metric would have given, "no difference" as half; '
        "50 % is chance. τ: 1 is the same order of networks, −1 the opposite one.</p>"
    )


def _shares(tally: Tally) -> str:
    """Return how often each network was preferred, without any claim: what a class sees while it votes."""
    wins, ties = tally.ballots.wins.sum(axis=0), tally.ballots.ties.sum(axis=0)
    won, met = wins.sum(axis=1) + ties.sum(axis=1) / 2, (wins + wins.T + ties).sum(axis=1)
    seen = [i for i in range(len(tally.ballots.names)) if met[i]]
    rows = "".join(
        f'<tr><th scope="row">{_named(tally.ballots.names[i])}</th><td>{_percent(won[i] / met[i])}</td>'
        f'<td><span class="share"><i style="width:{100 * won[i] / met[i]:.0f}%"></i></span></td></tr>'
        for i in sorted(seen, key=lambda i: -won[i] / met[i])
    )
    if not rows:
        return ""
    return (
        '<div class="scores"><table><thead><tr><th scope="col">Network</th><th scope="col">Preferred so far</th>'
        f'<th scope="col"></th></tr></thead><tbody>{rows}</tbody></table></div>'
    )


def _bar(low: float, middle: float, high: float, least: float, most: float) -> str:
    """Return a drawing of an interval with its middle on the scale from ``least`` to ``most``."""
    scale = 100 / max(most - least, 1e-9)
    left, width, at = (low - least) * scale, (high - low) * scale, (middle - least) * scale
    return (
        f'<span class="interval" aria-hidden="true"><i style="left:{left:.1f}%;width:{width:.1f}%"></i>'
        f'<b style="left:{at:.1f}%"></b></span>'
    )


def _item(name: str) -> str:
    return f"<li>{_named(name)}</li>"


def _named(name: str) -> str:
    plain = plain_name(name)
    small = f" <small>{escape(name)}</small>" if plain != name else ""
    return f"{escape(plain)}{small}"


def _percent(share: float) -> str:
    return f"{100 * share:.0f} %"


def _tau(value: float) -> str:
    return "n/a" if math.isnan(value) else f"{value:.2f}".replace("-", "−")
