"""What happened, in one paragraph."""

from collections import Counter
from collections.abc import Iterator

from driftline_dashboard.report.figures import predictions, skill
from driftline_dashboard.report.material import Material
from driftline_dashboard.report.words import day, listed, many, share_or_number

_SAME = 0.005
"""A smaller difference of shares is none, to who reads a sentence."""


def story(material: Material) -> str:
    """Sentences for who reads nothing else."""
    return " ".join((_traffic(material), _performance(material), *_changes(material), _end(material)))


def _traffic(material: Material) -> str:
    served = [each.version or "without a name" for each in material.served]
    versions = f"version{'s' * (len(served) > 1)} {listed(served)}" if served else "no version"
    return (
        f"From {day(material.window.begin)} to {day(material.window.end)} {material.model} made "
        f"{many(predictions(material), 'prediction')}, by {versions}."
    )


def _performance(material: Material) -> str:
    now, before = skill(material.performance), skill(material.before)
    if now.value is None:
        return "No label has come for them, so nothing is known of how many were right."
    said = f"Of {many(now.labels, 'of them', 'of them')} the label is known: {now.name} {share_or_number(now)}"
    if before.value is None or before.of_classes != now.of_classes:
        return f"{said}."
    difference = now.value - before.value
    if abs(difference) < (_SAME if now.of_classes else _SAME * abs(before.value)):
        return f"{said}, as in the period of the same length before."
    better = (difference > 0) == now.of_classes
    was = f"{share_or_number(before)} in the period of the same length before"
    return f"{said}, {'better' if better else 'worse'} than the {was}."


def _changes(material: Material) -> Iterator[str]:
    if material.drifts:
        kinds = Counter(drift.kind for drift in material.drifts).most_common()
        yield f"{many(len(material.drifts), 'drift')} found: {listed(f'{count} {kind}' for kind, count in kinds)}."
    else:
        yield "No drift was found."
    drifted = [each.feature for each in material.features if each.changed]
    if drifted:
        yield f"Compared with the model's first predictions, {listed(drifted[:5])} changed most."
    ended = Counter(each.status for each in material.retrains)
    if ended:
        yield f"{many(sum(ended.values()), 'retrain')}: {listed(f'{n} {status}' for status, n in ended.most_common())}."


def _end(material: Material) -> str:
    count, open_ = len(material.incidents), sum(each.state != "resolved" for each in material.incidents)
    if not count:
        return "There was no incident."
    if count == 1:
        return f"There was 1 incident, which is {'not ' * open_}resolved."
    if not open_:
        return f"There were {count} incidents, all of them resolved."
    return f"There were {count} incidents; {open_} of them {'are' if open_ > 1 else 'is'} not resolved."
